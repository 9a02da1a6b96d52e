"""Clusters that the session makes once, and that each test copies."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg import Connection

import skillmeat
from skillmeat import migration
from skillmeat.embedded.binaries import find_binaries, get_major_version
from tests.replication.clusters import Cluster, binaries_of, initdb, new_cluster
from tests.replication.standby import (
    PrimaryAndStandbys,
    run_primary_and_standby,
    start_standby,
)

MadeCluster = Callable[..., Cluster]


@pytest.fixture(scope="session")
def major() -> int:
    """Return the major version under test: of POSTGRES if it names binaries, else the embedded."""
    chosen = Path(os.environ.get("POSTGRES", ""))
    return get_major_version(chosen if (chosen / "postgres").is_file() else find_binaries())


@pytest.fixture(scope="session")
def original() -> Iterator[MadeCluster]:
    """Yield a function that returns a stopped cluster of a version with an empty catalogue.

    A cluster `of_its_own` is migrated separately, so its catalogue has drawn other random values.
    """
    made: dict[tuple[int, bool], Cluster] = {}
    with ExitStack() as rooms:

        def of(version: int, *, of_its_own: bool = False) -> Cluster:
            wanted = version, of_its_own
            if wanted not in made:
                binaries = binaries_of(version)
                if binaries is None:
                    pytest.skip(f"needs PostgreSQL {version}: install postgresql-{version}")
                cluster = rooms.enter_context(new_cluster(binaries))
                initdb(cluster)
                cluster.start()
                migration.upgrade(url=cluster.url)
                cluster.stop()
                made[wanted] = cluster
            return made[wanted]

        yield of


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
