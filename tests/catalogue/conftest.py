"""A small catalogue: two collections, four artifacts, nothing in either."""

from collections.abc import Iterator

import pytest
from psycopg import Connection

import skillmeat
from skillmeat.catalogue.bulk import NewArtifact, put_artifacts
from skillmeat.catalogue.collections import create_collection
from tests.catalogue.emptied import emptied
from tests.conftest import database

ARTIFACTS = ("agent:reviewer", "command:commit", "skill:pdf", "skill:sql")


@pytest.fixture(scope="session")
def layer_database(server_url: str, template: str) -> Iterator[str]:
    """The URL of a database that the tests of this worker share, one after the other."""
    with database(server_url, template=template) as url:
        yield url


@pytest.fixture
def url(layer_database: str) -> str:
    """The URL of a database with an empty catalogue."""
    return emptied(layer_database)


@pytest.fixture
def small(conn: Connection) -> Connection:
    """A connection, in autocommit, to a catalogue with collections `one` and `two`."""
    keys = (each.partition(":") for each in ARTIFACTS)
    put_artifacts(conn, [NewArtifact(type=of, name=name) for of, _, name in keys])
    create_collection(conn, id="one", name="One")
    create_collection(conn, id="two", name="Two")
    return conn


@pytest.fixture
def other(url: str) -> Iterator[Connection]:
    """A second session on the same catalogue, in autocommit, that fails where it waits for long."""
    with skillmeat.connect(url, autocommit=True, options="-c lock_timeout=20s") as connection:
        yield connection
