"""Where the catalogue is: on the server that was given, else on the embedded one."""

import psycopg

from skillmeat import settings
from skillmeat.embedded.control import start
from skillmeat.embedded.databases import ensure_database
from skillmeat.embedded.paths import Home, explaining
from skillmeat.embedded.sockets import socket_directory
from skillmeat.embedded.urls import read_as_libpq, socket_url
from skillmeat.errors import ServerError

CATALOGUE_DATABASE = "skillmeat"


def catalogue_url() -> str:
    """The libpq URL of the catalogue's database.

    SKILLMEAT_DATABASE_URL where it is set; else the database `skillmeat` of the embedded server,
    which is created and started if need be. Costs a few milliseconds where it runs. Raises
    `ServerError`.
    """
    return (
        given_url()
        or _running_catalogue()
        or ensure_database(start(settings.data_dir()), CATALOGUE_DATABASE)
    )


def given_url() -> str | None:
    """SKILLMEAT_DATABASE_URL, or None where the embedded server is meant.

    Raises `ServerError`, which never quotes it, for what libpq would not read.
    """
    url = settings.database_url()
    if url is None:
        return None
    scheme, separator, rest = url.partition("://")
    if separator and scheme in ("postgres", "postgresql") and read_as_libpq(url) is not None:
        return f"postgresql://{rest}"
    message = (
        "SKILLMEAT_DATABASE_URL is no URL that libpq reads: "
        "write postgresql://user:password@host:port/database, "
        "with @, / and : in a password as %40, %2F and %3A"
    )
    raise ServerError(message)


def _running_catalogue() -> str | None:
    home = Home.at(settings.data_dir())
    with explaining(home.root):
        directory = socket_directory(home)
    if directory is None:
        return None
    url = socket_url(directory, CATALOGUE_DATABASE)
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return None
    return url
