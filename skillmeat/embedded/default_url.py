"""The URL of the catalogue's database: the configured one, else on the embedded server."""

from contextlib import suppress

import psycopg
from psycopg import errors, sql

from skillmeat import settings
from skillmeat.embedded.control import start
from skillmeat.embedded.paths import ServerPaths, translate_os_errors
from skillmeat.embedded.sockets import find_socket_directory
from skillmeat.embedded.urls import make_socket_url, parse_libpq_url, replace_database
from skillmeat.errors import CannotConnect, DatabaseError, ServerError, translate_errors

CATALOGUE_DATABASE = "skillmeat"

_HAS_DATABASE = "select from pg_database where datname = %s"
# Only template0 may be copied in another encoding; a migration refuses any but UTF8.
_CREATE = "create database {} template template0 encoding 'UTF8'"


def get_catalogue_url() -> str:
    """Return the libpq URL of the catalogue's database.

    That is SKILLMEAT_DATABASE_URL if it is set, else the database `skillmeat` of the embedded
    server, which is created and started if necessary. Costs a few milliseconds if the server runs.
    Raises `ServerError`.
    """
    return (
        get_configured_url()
        or _get_running_catalogue_url()
        or ensure_database(start(settings.get_data_dir()), CATALOGUE_DATABASE)
    )


def get_configured_url() -> str | None:
    """Return SKILLMEAT_DATABASE_URL, or None if the embedded server is to be used.

    Raises `ServerError`, which never quotes the URL, if libpq cannot read it.
    """
    url = settings.get_database_url()
    if url is None:
        return None
    scheme, separator, rest = url.partition("://")
    if separator and scheme in ("postgres", "postgresql") and parse_libpq_url(url) is not None:
        return f"postgresql://{rest}"
    message = (
        "SKILLMEAT_DATABASE_URL is not a URL that libpq can read: "
        "write postgresql://user:password@host:port/database, "
        "with @, / and : in a password as %40, %2F and %3A"
    )
    raise ServerError(message)


def ensure_database(url: str, name: str) -> str:
    """Return the URL of the database `name` on the server of `url`; create it unless it exists.

    Any number of processes may call this at once. Raises `ServerError` if it cannot be created.
    """
    try:
        with translate_errors(), psycopg.connect(url, autocommit=True) as connection:
            if not connection.execute(_HAS_DATABASE, [name]).rowcount:
                # Another process may create it at the same moment.
                with suppress(errors.DuplicateDatabase, errors.UniqueViolation):
                    connection.execute(sql.SQL(_CREATE).format(sql.Identifier(name)))
    except DatabaseError as error:
        # Such as one connection too many: the database may be there.
        what = "reached" if isinstance(error, CannotConnect) else "created"
        message = f"database {name!r} cannot be {what}: {error}"
        raise ServerError(message) from error
    return replace_database(url, name)


def _get_running_catalogue_url() -> str | None:
    paths = ServerPaths.at(settings.get_data_dir())
    with translate_os_errors(paths.root):
        directory = find_socket_directory(paths)
    if directory is None:
        return None
    url = make_socket_url(directory, CATALOGUE_DATABASE)
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return None
    return url
