from collections.abc import Iterator

import pytest
from psycopg import Connection

import skillmeat
from skillmeat import migration
from skillmeat.catalogue import get_artifact, get_collection, list_collections
from skillmeat.importer import ImportReport, RemovedCounts, RowCounts
from skillmeat.maintenance import get_totals, list_count_drift
from tests.conftest import database
from tests.importer.markets import REAL, content, rows, run_import

pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason="needs ../shared/data/plugins-marketplace beside this checkout"
)


@pytest.fixture(scope="module")
def real_url(server_url: str, template: str) -> Iterator[str]:
    with database(server_url, template=template) as url:
        yield url


@pytest.fixture(scope="module")
def dry_run(real_url: str) -> ImportReport:
    with skillmeat.connect(real_url, autocommit=True) as conn:
        before = rows(conn)
        report = run_import(conn, REAL, dry_run=True)
        assert rows(conn) == before
    return report


@pytest.fixture(scope="module")
def report(dry_run: ImportReport, real_url: str) -> ImportReport:
    assert dry_run.dry_run
    with skillmeat.connect(real_url, autocommit=True) as conn:
        return run_import(conn, REAL)


@pytest.fixture
def real(report: ImportReport, real_url: str) -> Iterator[Connection]:
    """Yield a connection to a catalogue that holds the real marketplace."""
    assert report.changed
    with skillmeat.connect(real_url, autocommit=True) as conn:
        yield conn


def test_the_import_reports_411_artifacts_92_collections_and_488_memberships_besides_default(
    report: ImportReport,
) -> None:
    assert report.artifacts == RowCounts(found=411, added=411, updated=0)
    assert report.collections == RowCounts(found=92, added=92, updated=0)
    assert report.memberships == RowCounts(found=488 + 411, added=488 + 411, updated=0)
    assert report.removed == RemovedCounts()
    assert len(report.conflicts) > 0
    assert not report.dry_run


def test_a_dry_run_reports_the_numbers_of_the_real_import(
    report: ImportReport, dry_run: ImportReport
) -> None:
    for field in ImportReport.__dataclass_fields__.keys() - {"dry_run"}:
        assert getattr(dry_run, field) == getattr(report, field)


def test_the_catalogue_holds_the_rows_and_counts_them_exactly(real: Connection) -> None:
    types = real.execute(
        "select type, artifact_count from artifact_type_summaries where artifact_count > 0"
        " order by type"
    ).fetchall()

    assert types == [("agent", 137), ("command", 93), ("skill", 181)]
    assert (get_totals(real).collections, get_totals(real).memberships) == (92, 488 + 411)
    assert list_count_drift(real) == ()
    assert len(list_collections(real, limit=1000).items) == 92


def test_the_counts_equal_the_plugins_numbers_of_files(real: Connection) -> None:
    default, python = get_collection(real, "default"), get_collection(real, "python-development")
    reviewer = get_artifact(real, "agent:code-reviewer")

    assert default is not None
    assert python is not None
    assert reviewer is not None
    assert (default.artifact_count, python.artifact_count) == (411, 20)
    assert reviewer.collections[0].id == "default"
    assert len(reviewer.collections) == 7 + 1
    assert python in list_collections(real, search="PYTHON-dev").items


def test_every_summary_equals_the_live_view(real: Connection) -> None:
    difference = """
        (table artifact_summaries except all table artifact_summaries_live)
        union all
        (table artifact_summaries_live except all table artifact_summaries)
    """
    assert real.execute(difference).fetchall() == []


def test_a_second_import_writes_and_locks_no_row(real: Connection) -> None:
    before = rows(real, locks=True)

    again = run_import(real, REAL, prune=True)

    assert rows(real, locks=True) == before
    assert not again.changed
    assert again.artifacts == RowCounts(found=411, added=0, updated=0)
    assert again.artifacts.unchanged == 411


def test_an_import_into_another_schema_has_the_same_report(
    real: Connection, empty_url: str, report: ImportReport
) -> None:
    migration.upgrade(url=empty_url, schema="Tenant 1")
    with skillmeat.connect(empty_url, schema="Tenant 1", autocommit=True) as conn:
        assert run_import(conn, REAL).artifacts == report.artifacts
        assert content(conn) == content(real)
