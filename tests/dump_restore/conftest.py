"""One catalogue and its dumps, which the session makes once, and databases to restore them into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import skillmeat
from tests.conftest import database, database_name
from tests.dump_restore.programs import Programs, programs_for
from tests.dump_restore.samples import Catalogue, fill, rows

# Internal state is useless in another database: pending counts, logged changes, and the revision of
# the schema.
INTERNAL = (
    "--exclude-table-data=skillmeat.(alembic_version|artifact_changes|count_changes|last_refresh)*"
)
DATA_ONLY = ("--data-only", INTERNAL)


@pytest.fixture(scope="session")
def programs(server_url: str) -> Programs:
    """Return the client programs of the server under test."""
    return programs_for(server_url)


@pytest.fixture(scope="session")
def source(server_url: str, template: str) -> Iterator[Catalogue]:
    """Yield the catalogue that the tests move."""
    with database(server_url, template=template) as url:
        fill(url)
        with skillmeat.connect(url) as conn:
            data = rows(conn)
        yield Catalogue(url, data)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the dumps."""
    return tmp_path_factory.mktemp("dumps")


@pytest.fixture(scope="session")
def full_dump(programs: Programs, source: Catalogue, folder: Path) -> Path:
    """Return a dump of the whole catalogue, in the custom format."""
    return programs.dump(source.url, folder / "full.dump", "--format=custom")


@pytest.fixture(scope="session")
def data_dump(programs: Programs, source: Catalogue, folder: Path) -> Path:
    """Return a dump of the data without the internal tables, in the custom format."""
    return programs.dump(source.url, folder / "data.dump", "--format=custom", *DATA_ONLY)


@pytest.fixture(scope="session")
def all_data_dump(programs: Programs, source: Catalogue, folder: Path) -> Path:
    """Return a dump of the data with the internal tables, in the custom format."""
    return programs.dump(source.url, folder / "all.dump", "--format=custom", "--data-only")


@pytest.fixture
def empty(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of an empty database, which commands use."""
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", empty_url)
    return empty_url


@pytest.fixture
def migrated(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of a migrated database without its initial types, which commands use."""
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)
    with skillmeat.connect(url, autocommit=True) as conn:
        conn.execute("delete from artifact_types")
    return url


@pytest.fixture
def copied(server_url: str, source: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the URL of a copy of the source catalogue, which commands use."""
    with database(server_url, template=database_name(source.url)) as url:
        monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)
        yield url
