"""Databases on a server."""

from contextlib import suppress

import psycopg
from psycopg import errors, sql

from skillmeat.embedded.urls import with_database
from skillmeat.errors import ServerError

_EXISTS = "select from pg_database where datname = %s"


def ensure_database(url: str, name: str) -> str:
    """The URL of the database `name` on the server of `url`, created unless it is there.

    Any number of processes may ask at once. Raises `ServerError` where it cannot be created.
    """
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            if not connection.execute(_EXISTS, [name]).rowcount:
                _create(connection, name)
    except psycopg.Error as error:
        message = f"database {name!r} cannot be created: {' '.join(str(error).split())}"
        raise ServerError(message) from error
    return with_database(url, name)


def _create(connection: psycopg.Connection, name: str) -> None:
    # Refused where another process was faster.
    with suppress(errors.DuplicateDatabase, errors.UniqueViolation):
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
