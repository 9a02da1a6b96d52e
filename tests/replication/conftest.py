"""A primary and standbys that the tests of a session share."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from psycopg import Connection

import skillmeat
from tests.replication.clusters import MadeCluster, new_cluster
from tests.replication.standby import (
    PrimaryAndStandbys,
    run_primary_and_standby,
    start_standby,
)


@pytest.fixture(scope="session")
def servers_to_read(original: MadeCluster, major: int) -> Iterator[PrimaryAndStandbys]:
    """Yield a primary with the sample and two standbys, which the session shares."""
    with (
        run_primary_and_standby(original(major)) as pair,
        new_cluster(pair.primary.binaries) as second,
        skillmeat.connect(pair.primary.url, autocommit=True) as conn,
    ):
        start_standby(second, conn, primary=pair.primary, slot="second")
        yield PrimaryAndStandbys(pair.primary, (pair.standby, second))


@pytest.fixture
def primary(servers_to_read: PrimaryAndStandbys) -> Iterator[Connection]:
    """Yield a connection to the primary that the session shares, in autocommit."""
    with skillmeat.connect(servers_to_read.primary.url, autocommit=True) as conn:
        yield conn


@pytest.fixture
def name() -> str:
    """Return a name for a new collection."""
    return uuid4().hex
