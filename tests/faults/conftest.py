"""One server for each worker that tests may kill; the next start recovers it."""

from collections.abc import Iterator

import pytest

from tests.db.conftest import observer, sample_database, sample_url, sessions
from tests.db.sample import restore
from tests.faults.servers import OwnServer, own_server
from tests.faults.stopping_points import GATES, NO_GATES

__all__ = ["observer", "sample_database", "sample_url", "sessions"]


@pytest.fixture(scope="session")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    """The server that the tests of this worker kill, one after the other."""
    with own_server(tmp_path_factory.mktemp("mortal") / "data") as own:
        yield own


@pytest.fixture
def own(mortal: OwnServer) -> OwnServer:
    """The server, running, with the sample in its catalogue and nothing else."""
    mortal.start()
    with mortal.session() as conn:
        restore(conn)
    return mortal


@pytest.fixture
def gated(own: OwnServer) -> Iterator[OwnServer]:
    """The same server with gates at which its sessions can be stopped."""
    with own.session() as conn:
        conn.execute(GATES)
    yield own
    own.start()
    with own.session() as conn:
        conn.execute(NO_GATES)
