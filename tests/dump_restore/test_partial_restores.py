"""Some tables or rows restored from a dump into a catalogue that is in use."""

from pathlib import Path

import pytest

import skillmeat
from tests.db.oracle import differences
from tests.dump_restore.programs import Programs
from tests.dump_restore.samples import Catalogue, list_errors

MEMBERSHIPS = ("--data-only", "--table=collection_artifacts", "--table=group_artifacts")
OF_ONE = "(select * from collection_artifacts where collection_id = 'p')"


@pytest.mark.exhaustive
def test_restored_memberships_are_counted(
    programs: Programs, full_dump: Path, source: Catalogue, copied: str
) -> None:
    with skillmeat.connect(copied, autocommit=True) as conn:
        conn.execute("truncate collection_artifacts cascade")

    programs.restore(copied, full_dump, *MEMBERSHIPS)

    assert list_errors(copied, source.rows) == []


@pytest.mark.exhaustive
def test_the_restored_members_of_one_collection_are_counted(
    programs: Programs, source: Catalogue, copied: str
) -> None:
    with skillmeat.connect(copied, autocommit=True) as conn:
        conn.execute("delete from collection_artifacts where collection_id = 'p'")

    programs.copy(OF_ONE, "collection_artifacts", out=source.url, into=copied, schema="skillmeat")

    assert list_errors(copied, source.rows) == []


@pytest.mark.exhaustive
def test_parents_restored_without_children_have_count_zero(
    programs: Programs, full_dump: Path, migrated: str
) -> None:
    programs.restore(migrated, full_dump, "--data-only", "--table=collections", "--table=tags")

    with skillmeat.connect(migrated) as conn:
        assert differences(conn) == []
