from collections.abc import Iterator

import pytest
from psycopg import Connection

import skillmeat
from tests.conftest import database
from tests.maintenance.refresh.refreshers import with_parameters


@pytest.fixture(scope="module")
def filled_once(server_url: str, template: str) -> Iterator[str]:
    """Yield the catalogue of `filled` for the tests of a module that only read: none can write it.

    It has two tags more, which no artifact has.
    """
    with database(server_url, template=template) as url:
        with skillmeat.connect(url, autocommit=True) as conn:
            conn.execute(FILL)
            conn.execute(
                "insert into tags (name, slug) values ('every day', 'everyday'), ('u', 'unused')"
            )
        yield with_parameters(url, options="-c default_transaction_read_only=on")


@pytest.fixture(autouse=True)
def _catalogue(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands use the empty catalogue of the test; the environment that --schema sets is restored.

    In a module with `filled_once`, tests that take no catalogue of their own share that one.
    """
    names = request.fixturenames
    only_reads = "filled_once" in names and "url" not in names
    url = request.getfixturevalue("filled_once" if only_reads else "url")
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)
    monkeypatch.setenv("SKILLMEAT_SCHEMA", "skillmeat")


@pytest.fixture
def filled(conn: Connection) -> Connection:
    """Add five skills; three of them are in the collection `docs`, named Documents."""
    conn.execute(FILL)
    return conn


FILL = """
insert into artifacts (type, name) select 'skill', 's' || n from generate_series(1, 5) as n;
insert into collections (id, name) values ('docs', 'Documents');
insert into collection_artifacts (collection_id, artifact_id)
select 'docs', 'skill:s' || n from generate_series(1, 3) as n;
"""
