"""One server for each worker that tests may kill; the next start recovers it."""

from collections.abc import Iterator

import pytest

from tests.db.conftest import observer, sample_database, sample_url, sessions
from tests.db.sample import restore
from tests.embedded.conftest import template_root
from tests.faults.servers import OwnServer, chosen_binaries, own_server
from tests.faults.stopping_points import GATES, NO_GATES

__all__ = ["observer", "sample_database", "sample_url", "sessions", "template_root"]


@pytest.fixture(scope="session")
def shared_server(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[OwnServer]:
    """Yield the server that the tests of this worker kill, one after the other."""
    template = None if chosen_binaries() else request.getfixturevalue("template_root")
    with own_server(tmp_path_factory.mktemp("mortal") / "data", template=template) as own:
        yield own


@pytest.fixture
def own(shared_server: OwnServer) -> OwnServer:
    """Start the server if it is down; return it with only the sample in its catalogue."""
    shared_server.start()
    with shared_server.session() as conn:
        restore(conn)
    return shared_server


@pytest.fixture
def gated(own: OwnServer) -> Iterator[OwnServer]:
    """Yield the same server with gates, which stop its sessions."""
    with own.session() as conn:
        conn.execute(GATES)
    yield own
    own.start()
    with own.session() as conn:
        conn.execute(NO_GATES)
