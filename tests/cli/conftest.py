from collections.abc import Iterator

import pytest
from psycopg import Connection

from tests.conftest import database


@pytest.fixture(scope="module")
def shared_url(server_url: str, template: str) -> Iterator[str]:
    """Yield a catalogue for a module whose tests do not depend on what is in it."""
    with database(server_url, template=template) as url:
        yield url


@pytest.fixture(autouse=True)
def _catalogue(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands use an empty catalogue; the environment that --schema sets is restored."""
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)
    monkeypatch.setenv("SKILLMEAT_SCHEMA", "skillmeat")


@pytest.fixture
def filled(conn: Connection) -> Connection:
    """Add five skills; three of them are in the collection `docs`, named Documents."""
    conn.execute(
        """
        insert into artifacts (type, name) select 'skill', 's' || n from generate_series(1, 5) as n;
        insert into collections (id, name) values ('docs', 'Documents');
        insert into collection_artifacts (collection_id, artifact_id)
        select 'docs', 'skill:s' || n from generate_series(1, 3) as n;
        """
    )
    return conn
