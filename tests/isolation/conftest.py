"""Two catalogues that hold the sample: ours, and a control without counts and summaries."""

from collections.abc import Iterator

import pytest

import skillmeat
from tests.conftest import database
from tests.db.conftest import sample_database
from tests.isolation.control import drop_counts_and_summaries
from tests.isolation.sessions import SessionGroup

__all__ = ["sample_database"]

MOST_SESSIONS = 3


@pytest.fixture(scope="session")
def ours(sample_database: str) -> Iterator[SessionGroup]:
    """Yield sessions on our catalogue, one for each script."""
    with SessionGroup(sample_database, size=MOST_SESSIONS) as group:
        yield group


@pytest.fixture(scope="session")
def control(server_url: str, template: str) -> Iterator[SessionGroup]:
    """Yield as many sessions on a catalogue without triggers for counts and summaries."""
    with database(server_url, template=template) as url:
        with skillmeat.connect(url, autocommit=True) as conn:
            drop_counts_and_summaries(conn)
        with SessionGroup(url, size=MOST_SESSIONS) as group:
            yield group
