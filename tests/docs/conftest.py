"""Servers and templates for the environments of the pages."""

from collections.abc import Iterator

import pytest

from tests.conftest import database, database_name
from tests.docs.environments import Servers, import_sample
from tests.replication.clusters import MadeCluster


@pytest.fixture(scope="session")
def sample(server_url: str, template: str) -> Iterator[str]:
    """Yield the name of a database with the sample catalogue."""
    with database(server_url, template=template) as url:
        import_sample(url)
        yield database_name(url)


@pytest.fixture(scope="session")
def servers(
    server_url: str, template: str, sample: str, original: MadeCluster, major: int
) -> Servers:
    """Return the server under test, its templates, and the clusters to copy."""
    return Servers(server_url, template, sample, original, major)
