"""Whether the server of a root runs, and what it is."""

from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.pq import PGconn, Ping

from skillmeat.embedded.paths import Home, explaining
from skillmeat.embedded.processes import postmaster
from skillmeat.embedded.sockets import socket_directory
from skillmeat.embedded.urls import socket_url

_SECONDS_TO_ANSWER = 2


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What is known about a server; None stands for what is unknown, or does not exist yet."""

    running: bool
    pid: int | None
    url: str | None
    data_directory: Path
    log: Path
    version: str | None


def status(root: Path) -> ServerStatus:
    """The state of the server at `root`, which is not started for the sake of an answer.

    `version` is the full one where it runs, else the major one of the data.
    """
    home = Home.at(root)
    with explaining(home.root):
        url = running_url(home)
        return ServerStatus(
            running=url is not None,
            pid=postmaster(home.data),
            url=url,
            data_directory=home.data,
            log=home.log,
            version=(url and full_version(url)) or home.major_version(),
        )


def full_version(url: str) -> str | None:
    """The version that the server of `url` gives, such as 18.6; None where it lets nobody in."""
    try:
        with psycopg.connect(url, connect_timeout=_SECONDS_TO_ANSWER) as connection:
            return connection.info.parameter_status("server_version")
    except psycopg.OperationalError:
        return None


def running_url(home: Home) -> str | None:
    """The URL of the server if it accepts connections at this moment; costs two milliseconds."""
    directory = socket_directory(home)
    if directory is None:
        return None
    url = socket_url(directory)
    # A ping is answered even where every connection is taken, and asks for no database.
    patient = f"{url}&connect_timeout={_SECONDS_TO_ANSWER}"
    return url if PGconn.ping(patient.encode()) == Ping.OK else None
