"""A schema whose tables and recorded revision disagree is recognised, with the way on."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from psycopg import Connection

import skillmeat
from skillmeat import migration
from skillmeat.database.revision_state import MARKERS
from skillmeat.errors import NotMigrated, SkillMeatError
from tests.db.oracle import differences
from tests.db.sample import SAMPLE
from tests.migration.test_revisions import REVISIONS


def test_tables_without_a_revision_are_told_how_to_record_it(empty_url: str) -> None:
    with skillmeat.connect(empty_url, autocommit=True) as conn:
        for revision in REVISIONS:
            reached = migration.upgrade(revision, url=empty_url)
            assert reached.current == revision
            if revision == REVISIONS[0]:
                conn.execute(SAMPLE)
            for damage in ("delete from alembic_version", "drop table alembic_version"):
                conn.execute(damage.encode())
                conn.execute(read_advice(empty_url).encode())

        assert migration.get_status(url=empty_url).up_to_date
        assert differences(conn) == []
    # A new version table has no grants yet.
    assert migration.fix_schema(url=empty_url).remaining.differences == ()


def test_a_revision_behind_its_tables_is_told_how_to_record_it(url: str, conn: Connection) -> None:
    conn.execute("update alembic_version set version_num = '0002_counts'")

    conn.execute(read_advice(url).encode())

    assert migration.get_status(url=url).up_to_date


def test_tables_with_a_gap_are_not_recorded_as_complete(url: str, conn: Connection) -> None:
    conn.execute("drop table count_changes cascade")
    conn.execute("update alembic_version set version_num = '0001_catalogue'")

    with pytest.raises(SkillMeatError, match="lacks count_changes, as after a script that went on"):
        migration.upgrade(url=url)


def test_two_revisions_are_refused(url: str, conn: Connection) -> None:
    conn.execute("insert into alembic_version values ('0002_counts')")

    with pytest.raises(SkillMeatError, match="alembic_version in schema 'skillmeat' has 2 rows"):
        migration.upgrade(url=url)


@pytest.mark.parametrize(
    "run",
    [
        migration.upgrade,
        migration.check_schema,
        migration.fix_schema,
        partial(migration.preview_downgrade, "base"),
    ],
)
def test_a_newer_revision_is_refused_and_still_read(
    url: str, conn: Connection, run: Callable[..., object]
) -> None:
    conn.execute("update alembic_version set version_num = '0099_later'")

    with pytest.raises(SkillMeatError, match="this version of skillmeat does not know: install"):
        run(url=url)

    assert migration.get_status(url=url).current == "0099_later"


def test_a_version_table_without_tables_is_no_obstacle(empty_url: str) -> None:
    with skillmeat.connect(empty_url, autocommit=True) as conn:
        conn.execute("create schema skillmeat")
        conn.execute("create table alembic_version (version_num varchar(32) primary key)")

    assert migration.upgrade(url=empty_url).up_to_date


def test_every_revision_has_a_marker() -> None:
    assert {*MARKERS.values()} == {*REVISIONS}


def read_advice(url: str) -> str:
    """Return the statements that the refusal tells to run."""
    with pytest.raises(SkillMeatError) as refused:
        migration.upgrade(url=url)
    found = re.search(r'psql -- -c "(.*?)"`', str(refused.value))
    assert found is not None, refused.value
    return found[1]


def test_a_downgrade_that_misses_an_object_names_the_command_that_restores_it(
    url: str, conn: Connection
) -> None:
    conn.execute("drop function search_artifacts(text)")

    with pytest.raises(
        NotMigrated, match=r"search_artifacts\(text\) does not exist: run `skillmeat migrate check"
    ):
        migration.downgrade("base", url=url)

    migration.fix_schema(url=url)
    assert migration.downgrade("base", url=url).current is None
