"""Real sessions on one sample catalogue."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from psycopg import Connection, IsolationLevel

import skillmeat
from tests.concurrency.sessions import NewSession
from tests.db.conftest import (
    LEVELS,
    isolation,
    observer,
    sample_database,
    sample_url,
    sessions,
)

__all__ = ["isolation", "observer", "sample_database", "sample_url", "session", "sessions"]


@pytest.fixture
def session(sample_url: str) -> Iterator[NewSession]:
    """Yield a function that opens sessions with a snapshot; they fail instead of waiting."""
    with ExitStack() as opened:

        def new(level: IsolationLevel = LEVELS[0]) -> Connection:
            conn = opened.enter_context(skillmeat.connect(sample_url))
            conn.isolation_level = level
            # In one thread a session that waits would wait forever, so any timeout is right.
            conn.execute("set lock_timeout = '1s'")
            conn.commit()
            conn.execute("select from artifact_types")
            return conn

        yield new
