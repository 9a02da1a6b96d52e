"""A catalogue in a schema of another name: its rows are copied; a renamed schema refuses writes."""

import pytest
from psycopg import errors

import skillmeat
from skillmeat import migration
from tests.db.oracle import differences
from tests.dump_restore.programs import Programs
from tests.dump_restore.samples import TABLES, Catalogue, list_errors

EMPTIED = "delete from artifact_types"
NUMBERED = """
    select setval(pg_get_serial_sequence('artifact_versions', 'id'), max(id))
    from artifact_versions
"""
RENAMED = "alter schema skillmeat rename to archive"
RENAMED_BACK = "alter schema archive rename to skillmeat"
MEMBER = "insert into collection_artifacts values ('late', 'skill:s1')"


@pytest.mark.exhaustive
def test_tables_are_copied_into_a_schema_of_another_name(
    programs: Programs, source: Catalogue, url: str
) -> None:
    migration.upgrade(url=url, schema="archive")
    with skillmeat.connect(url, schema="archive", autocommit=True) as conn:
        conn.execute(EMPTIED)

        for table in TABLES:
            programs.copy(table, table, out=source.url, into=url, schema="archive")
        conn.execute(NUMBERED)

    assert list_errors(url, source.rows, schema="archive") == []


def test_a_renamed_schema_refuses_writes(copied: str) -> None:
    with skillmeat.connect(copied, schema="archive", autocommit=True) as conn:
        conn.execute(RENAMED)

        with pytest.raises(errors.ObjectNotInPrerequisiteState, match="was renamed"):
            conn.execute(MEMBER)


@pytest.mark.exhaustive
def test_a_renamed_schema_does_not_write_to_a_new_schema_of_its_old_name(copied: str) -> None:
    with skillmeat.connect(copied, schema="archive", autocommit=True) as conn:
        conn.execute(RENAMED)
        migration.upgrade(url=copied)

        with pytest.raises(errors.ObjectNotInPrerequisiteState, match="was renamed"):
            conn.execute(MEMBER)


@pytest.mark.exhaustive
def test_a_schema_that_is_renamed_back_counts_again(copied: str) -> None:
    with skillmeat.connect(copied, autocommit=True) as conn:
        conn.execute(RENAMED)

        conn.execute(RENAMED_BACK)
        conn.execute(MEMBER)

        assert differences(conn) == []
