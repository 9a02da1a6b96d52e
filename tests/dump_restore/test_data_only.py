"""Data without its schema: triggers count the restored rows, or verify reports the drift."""

from pathlib import Path

import pytest

import skillmeat
from tests.cli.commands import run
from tests.db.oracle import differences
from tests.dump_restore.conftest import DATA_ONLY
from tests.dump_restore.programs import Programs
from tests.dump_restore.samples import Catalogue, list_errors, rows

OWN_GROUP = """
insert into collections (id, name) values ('own', 'Own');
insert into groups (id, collection_id, name) values ('gp', 'own', 'Own');
"""
COUNTERS = {
    "collections.artifact_count",
    "collections.group_count",
    "groups.artifact_count",
    "tags.artifact_count",
    "artifact_types.artifact_count",
}


@pytest.mark.parametrize("options", [(), ("--single-transaction",)], ids=["steps", "one"])
def test_data_is_counted_once_in_a_migrated_schema(
    programs: Programs, data_dump: Path, source: Catalogue, migrated: str, options: tuple[str, ...]
) -> None:
    programs.restore(migrated, data_dump, *options)

    assert list_errors(migrated, source.rows) == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("form", ["--inserts", "--column-inserts", "--rows-per-insert=3"])
def test_inserts_are_counted_once(
    programs: Programs, source: Catalogue, migrated: str, tmp_path: Path, form: str
) -> None:
    script = programs.dump(source.url, tmp_path / "data.sql", *DATA_ONLY, form)

    programs.script(migrated, script)

    assert list_errors(migrated, source.rows) == []


def test_pending_counts_of_the_source_are_not_counted_twice(
    programs: Programs, all_data_dump: Path, source: Catalogue, migrated: str
) -> None:
    with skillmeat.connect(migrated, autocommit=True) as conn:
        conn.execute("delete from alembic_version; delete from last_refresh")

    programs.restore(migrated, all_data_dump)

    assert list_errors(migrated, source.rows) == []


@pytest.mark.exhaustive
def test_a_dump_of_all_data_is_refused_by_a_migrated_schema(
    programs: Programs, all_data_dump: Path, migrated: str
) -> None:
    refused = programs.try_restore(migrated, all_data_dump, "--single-transaction")

    assert 'violates unique constraint "alembic_version_pkc"' in refused


def test_drift_of_data_restored_without_triggers_is_found_and_repaired(
    programs: Programs,
    data_dump: Path,
    source: Catalogue,
    migrated: str,
) -> None:
    programs.restore(migrated, data_dump, "--disable-triggers")
    found = run("verify", "--json").json
    fixed, repaired = run("migrate", "check", "--fix"), run("repair")

    assert {each["counter"] for each in found["drift"]} == COUNTERS
    assert {each["id"] for each in found["summary_drift"]} == ids(migrated)
    assert (fixed.code, repaired.code, list_errors(migrated, source.rows)) == (0, 0, [])
    assert run("verify").code == 0


@pytest.mark.exhaustive
def test_drift_of_a_replica_session_is_found_and_repaired(
    programs: Programs,
    source: Catalogue,
    migrated: str,
    tmp_path: Path,
) -> None:
    script = programs.dump(source.url, tmp_path / "data.sql", *DATA_ONLY)

    programs.script(migrated, script, PGOPTIONS="-c session_replication_role=replica")
    found, repaired = run("verify", "--json").json, run("repair")

    assert {each["counter"] for each in found["drift"]} == COUNTERS
    assert {each["id"] for each in found["summary_drift"]} == ids(migrated)
    assert (repaired.code, list_errors(migrated, source.rows)) == (0, [])


@pytest.mark.exhaustive
def test_a_schema_and_then_its_data_restore_exactly(
    programs: Programs,
    full_dump: Path,
    all_data_dump: Path,
    source: Catalogue,
    empty: str,
) -> None:
    programs.restore(empty, full_dump, "--schema-only")
    programs.restore(empty, all_data_dump)
    run("refresh")

    assert list_errors(empty, source.rows) == []


@pytest.mark.exhaustive
def test_a_schema_and_then_its_data_without_triggers_restore_exactly(
    programs: Programs,
    full_dump: Path,
    all_data_dump: Path,
    source: Catalogue,
    empty: str,
) -> None:
    programs.restore(empty, full_dump, "--schema-only")
    programs.restore(empty, all_data_dump, "--disable-triggers")
    run("migrate", "check", "--fix")
    run("refresh")

    assert list_errors(empty, source.rows) == []
    assert run("verify").code == 0


@pytest.mark.exhaustive
def test_sections_restored_one_after_the_other_are_exact(
    programs: Programs, full_dump: Path, source: Catalogue, empty: str
) -> None:
    for section in ("pre-data", "data", "post-data"):
        programs.restore(empty, full_dump, f"--section={section}")

    assert list_errors(empty, source.rows) == []


@pytest.mark.exhaustive
def test_old_data_over_a_catalogue_restores_the_missing_rows(
    programs: Programs, source: Catalogue, copied: str, tmp_path: Path
) -> None:
    form = ("--inserts", "--on-conflict-do-nothing")
    script = programs.dump(source.url, tmp_path / "data.sql", *DATA_ONLY, *form)
    with skillmeat.connect(copied, autocommit=True) as conn:
        conn.execute("select settle_counts()")
        conn.execute("delete from artifacts where type = 'agent'; delete from tags where id = 'p'")

    programs.script(copied, script)

    assert list_errors(copied, source.rows) == []


@pytest.mark.exhaustive
def test_a_repair_corrects_old_logs_restored_over_a_catalogue(
    programs: Programs,
    source: Catalogue,
    copied: str,
    tmp_path: Path,
) -> None:
    form = ("--data-only", "--inserts", "--on-conflict-do-nothing")
    script = programs.dump(source.url, tmp_path / "data.sql", *form)
    with skillmeat.connect(copied, autocommit=True) as conn:
        conn.execute("select settle_counts()")

    programs.script(copied, script)
    run("repair")

    assert list_errors(copied, source.rows) == []


def test_a_restore_that_fails_half_way_counts_the_restored_rows(
    programs: Programs, data_dump: Path, migrated: str
) -> None:
    with skillmeat.connect(migrated, autocommit=True) as conn:
        conn.execute(OWN_GROUP)

    refused = programs.try_restore(migrated, data_dump)

    with skillmeat.connect(migrated) as conn:
        assert ("groups_pkey" in refused, differences(conn)) == (True, [])


@pytest.mark.exhaustive
def test_a_restore_that_fails_in_one_transaction_leaves_nothing(
    programs: Programs, data_dump: Path, url: str
) -> None:
    with skillmeat.connect(url) as conn:
        before = rows(conn)

    refused = programs.try_restore(url, data_dump, "--single-transaction")

    with skillmeat.connect(url) as conn:
        left = rows(conn) == before, differences(conn)
        assert ("artifact_types_pkey" in refused, left) == (True, (True, []))


def ids(url: str) -> set[str]:
    """Return the ids of all artifacts."""
    with skillmeat.connect(url) as conn:
        return {row[0] for row in conn.execute("select id from artifacts")}
