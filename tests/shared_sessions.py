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

    def __init__(self, url: str, stack: ExitStack, *, prepare_threshold: int = 5) -> None:
        self._url = url
        self._stack = stack
        self._prepare_threshold = prepare_threshold
        self._known: dict[str, Connection] = {}

    def __call__(self, name: str, **options: Any) -> Connection:  # noqa: ANN401 - psycopg's
        """Return the session of that name, in autocommit; `options` are those of its first use."""
        known = self._known.get(name)
        # A test may have closed it, or killed its server.
        with suppress(psycopg.OperationalError):
            if known is not None and not known.closed:
                return self._reset(known)
        conn = self._stack.enter_context(skillmeat.connect(self._url, autocommit=True, **options))
        conn.prepare_threshold = self._prepare_threshold
        self._known[name] = conn
        return conn

    def rollback(self) -> None:
        """End the transactions that tests left open: their locks would stop the next test."""
        for conn in self._known.values():
            if not conn.closed:
                conn.rollback()

    def _reset(self, conn: Connection) -> Connection:
        conn.rollback()
        conn.isolation_level = None
        conn.read_only = None
        conn.deferrable = None
        conn.autocommit = True
        conn.row_factory = tuple_row
        conn.execute(_RESET)
        conn.prepare_threshold = self._prepare_threshold
        return conn


@contextmanager
def shared_sessions(url: str, *, prepare_threshold: int = 5) -> Iterator[SharedSessions]:
    """Yield sessions on the database at `url` that end with the block."""
    with ExitStack() as stack:
        yield SharedSessions(url, stack, prepare_threshold=prepare_threshold)
