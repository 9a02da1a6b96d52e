"""Clusters made once for the session, and copied for each who needs one."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from skillmeat import migration
from skillmeat.embedded.binaries import find_binaries, get_major_version
from tests.replication.clusters import Cluster, binaries_of, initdb, room

MadeCluster = Callable[..., Cluster]


@pytest.fixture(scope="session")
def major() -> int:
    """The version under test, the embedded one unless POSTGRES names other binaries."""
    chosen = Path(os.environ.get("POSTGRES", ""))
    return get_major_version(chosen if (chosen / "postgres").is_file() else find_binaries())


@pytest.fixture(scope="session")
def original() -> Iterator[MadeCluster]:
    """Gives a cluster of a version, with an empty catalogue, stopped, to be copied.

    One `of_its_own` was migrated on its own: what a catalogue draws at random is another there.
    """
    made: dict[tuple[int, bool], Cluster] = {}
    with ExitStack() as rooms:

        def of(version: int, *, of_its_own: bool = False) -> Cluster:
            wanted = version, of_its_own
            if wanted not in made:
                binaries = binaries_of(version)
                if binaries is None:
                    pytest.skip(f"needs PostgreSQL {version}: install postgresql-{version}")
                cluster = rooms.enter_context(room(binaries))
                initdb(cluster)
                cluster.start()
                migration.upgrade(url=cluster.url)
                cluster.stop()
                made[wanted] = cluster
            return made[wanted]

        yield of
