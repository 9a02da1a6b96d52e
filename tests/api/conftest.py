"""Fixtures of the HTTP tests: a server, a client and a catalogue that a test module shares."""

from collections.abc import Iterator

import httpx
import pytest
from psycopg import Connection

import skillmeat
from tests.api.serving import RunningServer, run_server


@pytest.fixture(scope="module")
def shared_conn(shared_url: str) -> Iterator[Connection]:
    """Yield a connection to the shared catalogue, in autocommit."""
    with skillmeat.connect(shared_url, autocommit=True) as conn:
        yield conn


@pytest.fixture(scope="module")
def server(shared_url: str) -> Iterator[RunningServer]:
    """Yield a server for the shared catalogue that requires no token."""
    with run_server(shared_url) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: RunningServer) -> Iterator[httpx.Client]:
    """Yield a client of the server."""
    with server.client() as opened:
        yield opened


ARTIFACTS = ["agent:a", "agent:b", "agent:c", "skill:a", "skill:b", "skill:c"]


@pytest.fixture(scope="module")
def artifacts(shared_conn: Connection) -> list[str]:
    """Add six artifacts that are in no collection."""
    shared_conn.execute(
        "insert into artifacts (type, name)"
        " select split_part(id, ':', 1), split_part(id, ':', 2) from unnest(%s::text[]) as id",
        [ARTIFACTS],
    )
    return ARTIFACTS


@pytest.fixture
def collection(shared_conn: Connection) -> str:
    """Create a collection with three of the artifacts; return its id."""
    row = shared_conn.execute(
        "insert into collections (name) values (gen_random_uuid()::text) returning id"
    ).fetchone()
    assert row is not None
    shared_conn.execute(
        "insert into collection_artifacts (collection_id, artifact_id)"
        " select %s, id from artifacts where id in ('agent:a', 'agent:b', 'skill:c')",
        [row[0]],
    )
    return str(row[0])
