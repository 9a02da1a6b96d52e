from collections.abc import Iterator

import pytest
from psycopg import Connection

import skillmeat


@pytest.fixture
def blocker(url: str) -> Iterator[Connection]:
    """Yield a session that blocks every refresh of the snapshot until it rolls back."""
    with skillmeat.connect(url) as session:
        session.execute("refresh materialized view artifact_summaries_snapshot")
        yield session
        session.rollback()


def add(conn: Connection, name: str) -> None:
    conn.execute("insert into artifacts (type, name) values ('skill', %s)", (name,))
