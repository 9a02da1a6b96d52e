"""The connection of a command that reads."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import IsolationLevel

from skillmeat.connection import connect
from skillmeat.query import Conn


@contextmanager
def snapshot() -> Iterator[Conn]:
    """A connection on which every statement sees the same moment, so that a screen adds up."""
    with connect() as conn:
        conn.read_only = True
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        yield conn
