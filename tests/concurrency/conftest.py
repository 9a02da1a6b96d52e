"""Real sessions on one sample catalogue."""

from collections.abc import Iterator
from itertools import count

import pytest
from psycopg import Connection, IsolationLevel

from tests.concurrency.sessions import NewSession
from tests.db.conftest import (
    LEVELS,
    isolation,
    observer,
    sample_database,
    sample_url,
    sessions,
)
from tests.shared_sessions import SharedSessions

__all__ = ["isolation", "observer", "sample_database", "sample_url", "session", "sessions"]


@pytest.fixture
def session(sessions: SharedSessions, observer: Connection) -> Iterator[NewSession]:
    """Yield a function that opens sessions with a snapshot; they fail instead of waiting."""
    assert not observer.closed
    numbers = count(1)

    def new(level: IsolationLevel = LEVELS[0]) -> Connection:
        conn = sessions(f"session {next(numbers)}")
        # In one thread a session that waits would wait forever, so any timeout is right.
        conn.execute("set lock_timeout = '1s'")
        conn.autocommit = False
        conn.isolation_level = level
        conn.execute("select from artifact_types")
        return conn

    yield new
    sessions.rollback()
