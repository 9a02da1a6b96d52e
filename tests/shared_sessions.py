"""Sessions that the tests of a worker share: a new one has all views and functions to learn again.

To empty a catalogue and fill it takes a new session 45 ms of CPU, and a shared one 15.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import tuple_row

import skillmeat

# DISCARD ALL without DISCARD PLANS and DEALLOCATE ALL: plans are what is worth keeping.
_RESET = """
    close all;
    set session authorization default;
    reset all;
    unlisten *;
    select pg_advisory_unlock_all();
    discard temp;
    discard sequences
"""


class SharedSessions:
    """Named sessions on one database, each as good as new whenever a test asks for it."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        self._url = url
        self._stack = stack
        self._known: dict[str, Connection] = {}

    def __call__(self, name: str, **options: Any) -> Connection:  # noqa: ANN401 - psycopg's
        """Return the session of that name, in autocommit; `options` are those of its first use."""
        known = self._known.get(name)
        # A test may have closed it, or killed its server.
        with suppress(psycopg.OperationalError):
            if known is not None and not known.closed:
                return _reset(known, **options)
        conn = self._stack.enter_context(skillmeat.connect(self._url, autocommit=True, **options))
        self._known[name] = conn
        return conn

    def rollback(self) -> None:
        """End the transactions that tests left open: their locks would stop the next test."""
        for conn in self._known.values():
            if not conn.closed:
                conn.rollback()


@contextmanager
def shared_sessions(url: str) -> Iterator[SharedSessions]:
    """Yield sessions on the database at `url` that end with the block."""
    with ExitStack() as stack:
        yield SharedSessions(url, stack)


def _reset(conn: Connection, *, prepare_threshold: int | None = 5, **_: object) -> Connection:
    conn.rollback()
    conn.isolation_level = None
    conn.read_only = None
    conn.deferrable = None
    conn.autocommit = True
    conn.row_factory = tuple_row
    conn.execute(_RESET)
    conn.prepare_threshold = prepare_threshold
    return conn
