"""The state of the server of a root: whether it runs, where, and its version."""

from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.pq import PGconn, Ping

from skillmeat.embedded.paths import ServerPaths, translate_os_errors
from skillmeat.embedded.processes import find_postmaster
from skillmeat.embedded.sockets import find_socket_directory
from skillmeat.embedded.urls import make_socket_url
from skillmeat.errors import ServerError

_SECONDS_TO_ANSWER = 2


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """The state of a server; None for what is unknown or does not exist yet."""

    running: bool
    pid: int | None
    url: str | None
    data_directory: Path
    log: Path
    version: str | None


def get_status(root: Path) -> ServerStatus:
    """Read the state of the server at `root` without starting it.

    `version` is the full one if the server runs, else the major one of the data.
    """
    paths = ServerPaths.at(root)
    with translate_os_errors(paths.root):
        url = get_running_url(paths)
        return ServerStatus(
            running=url is not None,
            pid=find_postmaster(paths.data),
            url=url,
            data_directory=paths.data,
            log=paths.log,
            version=(url and get_server_version(url)) or paths.read_major_version(),
        )


def get_server_version(url: str) -> str | None:
    """Read the version of the server at `url`, such as 18.6; None if it refuses the connection."""
    try:
        with psycopg.connect(url, connect_timeout=_SECONDS_TO_ANSWER) as connection:
            return connection.info.parameter_status("server_version")
    except psycopg.OperationalError:
        return None


def get_running_url(paths: ServerPaths) -> str | None:
    """Return the URL of the server if it accepts connections now; costs two milliseconds.

    Raises `ServerError` if a variable such as PGSERVICE keeps libpq from trying.
    """
    directory = find_socket_directory(paths)
    if directory is None:
        return None
    url = make_socket_url(directory)
    # A server answers a ping even if every connection is taken, and a ping needs no database.
    target = f"{url}&connect_timeout={_SECONDS_TO_ANSWER}".encode()
    answer = PGconn.ping(target)
    if answer == Ping.NO_ATTEMPT:
        reason = PGconn.connect_start(target).error_message.decode(errors="replace").strip()
        message = f"libpq cannot connect: {reason}: correct or unset its variable (PG…)"
        raise ServerError(message)
    return url if answer == Ping.OK else None
