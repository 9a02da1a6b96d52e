"""A database at the first revision, from which most upgrades start."""

from collections.abc import Iterator

import pytest

from skillmeat import migration
from tests.conftest import database, database_name


@pytest.fixture(scope="session")
def old_template(server_url: str) -> Iterator[str]:
    """Yield the name of a database with the tables of the first revision, and nothing in them."""
    with database(server_url) as url:
        migration.upgrade("0001_catalogue", url=url)
        yield database_name(url)


@pytest.fixture
def first_url(server_url: str, old_template: str) -> Iterator[str]:
    """Yield the URL of a catalogue with tables only: no counts, no summaries, no search."""
    with database(server_url, template=old_template) as url:
        yield url
