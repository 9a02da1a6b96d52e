"""A small catalogue: two collections, four artifacts, nothing in either."""

from collections.abc import Iterator

import pytest
from psycopg import Connection

from skillmeat.catalogue import (
    NewArtifact,
    add_artifacts,
    add_to_group,
    create_collection,
    create_group,
    create_tag,
    put_artifacts,
    tag_artifacts,
)
from tests.conftest import database
from tests.shared_sessions import SharedSessions, shared_sessions

# One database for many tests, emptied before each: cloning takes longer than most of them.
EMPTY = """
    delete from artifacts;
    delete from collections;
    delete from tags;
    delete from project_templates;
    delete from sources;
    delete from count_changes;
    update artifact_types set artifact_count = 0;
"""
ARTIFACTS = ("agent:reviewer", "command:commit", "skill:pdf", "skill:sql")


@pytest.fixture(scope="session")
def catalogue_database(server_url: str, template: str) -> Iterator[str]:
    """Yield the URL of a database that the tests of this worker use in turn."""
    with database(server_url, template=template) as url:
        yield url


@pytest.fixture(scope="session")
def catalogue_sessions(catalogue_database: str) -> Iterator[SharedSessions]:
    """Yield the sessions on that database that tests use in turn."""
    with shared_sessions(catalogue_database) as shared:
        yield shared


@pytest.fixture
def url(catalogue_database: str, catalogue_sessions: SharedSessions) -> str:
    """Return the URL of a database with an empty catalogue."""
    catalogue_sessions.rollback()
    conn = catalogue_sessions("conn")
    with conn.transaction():
        conn.execute(EMPTY)
        # The deletes have appended changes; they are settled here, before the commit would.
        conn.execute("delete from count_changes")
    return catalogue_database


@pytest.fixture
def conn(url: str, catalogue_sessions: SharedSessions) -> Iterator[Connection]:
    """Yield a connection to an empty catalogue, in autocommit."""
    assert url
    yield catalogue_sessions("conn")
    catalogue_sessions.rollback()


@pytest.fixture
def small(conn: Connection) -> Connection:
    """Return a connection, in autocommit, to a catalogue with collections `one` and `two`."""
    keys = (each.partition(":") for each in ARTIFACTS)
    put_artifacts(conn, [NewArtifact(type=of, name=name) for of, _, name in keys])
    create_collection(conn, id="one", name="One")
    create_collection(conn, id="two", name="Two")
    return conn


@pytest.fixture
def other(url: str, catalogue_sessions: SharedSessions) -> Connection:
    """Return a second session on the same catalogue, in autocommit, with a lock timeout."""
    assert url
    return catalogue_sessions("other", options="-c lock_timeout=20s")


@pytest.fixture
def furnished(small: Connection) -> Connection:
    """Return the small catalogue, with members of `one`, a group `g` in it and a tag."""
    add_artifacts(small, "one", ARTIFACTS)
    create_group(small, "one", id="g", name="G")
    add_to_group(small, "g", ["skill:pdf"])
    tag_artifacts(small, create_tag(small, name="t").id, ["skill:pdf"])
    return small
