"""A restored full dump is exact at once, keeps counting, and is up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import skillmeat
from skillmeat import migration
from skillmeat.embedded import temporary_server
from skillmeat.errors import NotPopulated
from skillmeat.maintenance import list_summary_drift
from tests.cli.commands import run
from tests.dump_restore.programs import Programs, programs_for
from tests.dump_restore.samples import BYPASSED, Catalogue, fill, list_errors, rows
from tests.replication.clusters import binaries_of


def test_a_plain_dump_restores(
    programs: Programs, source: Catalogue, empty: str, tmp_path: Path
) -> None:
    script = programs.dump(source.url, tmp_path / "full.sql")

    programs.script(empty, script)

    assert list_errors(empty, source.rows) == []


def test_a_custom_dump_restores(
    programs: Programs, full_dump: Path, source: Catalogue, empty: str
) -> None:
    programs.restore(empty, full_dump)

    assert list_errors(empty, source.rows) == []


@pytest.mark.exhaustive
def test_a_directory_restores_in_parallel(
    programs: Programs, source: Catalogue, empty: str, tmp_path: Path
) -> None:
    dump = programs.dump(source.url, tmp_path / "full", "--format=directory", "--jobs=2")

    programs.restore(empty, dump, "--jobs=2")

    assert list_errors(empty, source.rows) == []


@pytest.mark.exhaustive
def test_a_dump_replaces_a_catalogue(
    programs: Programs, full_dump: Path, source: Catalogue, copied: str
) -> None:
    with skillmeat.connect(copied, autocommit=True) as conn:
        conn.execute("delete from collections; insert into tags (name, slug) values ('N', 'n')")

    programs.restore(copied, full_dump, "--clean", "--if-exists", "--single-transaction")

    assert list_errors(copied, source.rows) == []


@pytest.mark.exhaustive
def test_a_dump_without_owners_and_grants_restores(
    programs: Programs, full_dump: Path, source: Catalogue, empty: str
) -> None:
    programs.restore(empty, full_dump, "--no-owner", "--no-acl")

    assert list_errors(empty, source.rows) == []


def test_a_restored_snapshot_is_bypassed_until_a_refresh(
    programs: Programs, full_dump: Path, empty: str
) -> None:
    programs.restore(empty, full_dump)
    first = run("verify"), is_bypassed(empty)
    refreshed = run("refresh"), is_bypassed(empty)

    assert [(ran.code, live) for ran, live in (first, refreshed)] == [(0, True), (0, False)]


@pytest.mark.exhaustive
def test_the_error_of_an_unpopulated_snapshot_names_the_command(
    programs: Programs, copied: str, empty: str, tmp_path: Path
) -> None:
    with skillmeat.connect(copied, autocommit=True) as conn:
        conn.execute("refresh materialized view artifact_summaries_snapshot with no data")
    dump = programs.dump(copied, tmp_path / "full.dump", "--format=custom")
    programs.restore(empty, dump)

    with (
        skillmeat.connect(empty) as conn,
        pytest.raises(NotPopulated, match="skillmeat refresh"),
    ):
        list_summary_drift(conn)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("old", "new"), [(15, 15), (15, 18), (18, 18)])
def test_another_server_restores_a_dump_and_its_roles(old: int, new: int, tmp_path: Path) -> None:
    with server(old) as source, server(new) as target:
        migration.upgrade(url=source)
        fill(source)
        programs = programs_for(target)
        roles = programs.dump_roles(source, tmp_path / "roles.sql")
        dump = programs.dump(source, tmp_path / "full.dump", "--format=custom")

        programs.script(target, roles, "--set=ON_ERROR_STOP=0")  # the role postgres exists
        programs.restore(target, dump)

        with skillmeat.connect(source) as conn:
            assert list_errors(target, rows(conn)) == []


@pytest.mark.exhaustive
def test_a_server_without_the_roles_refuses_a_dump(full_dump: Path) -> None:
    with server(18) as target:
        refused = programs_for(target).try_restore(target, full_dump)

        assert 'role "skillmeat_app" does not exist' in refused


@contextmanager
def server(major: int) -> Iterator[str]:
    """Yield the URL of a new server of a major version, or skip the test without its programs."""
    binaries = binaries_of(major)
    if binaries is None:
        pytest.skip(f"needs PostgreSQL {major}: install postgresql-{major}")
    with temporary_server(binaries=binaries) as url:
        yield url


def is_bypassed(url: str) -> bool:
    """Return whether pages bypass the snapshot."""
    with skillmeat.connect(url) as conn:
        return bool(conn.execute(BYPASSED).rowcount)
