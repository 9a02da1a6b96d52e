"""Some tables, or some rows, brought back from a dump into a catalogue that lives on."""

from pathlib import Path

import pytest

import skillmeat
from tests.db.oracle import differences
from tests.dump_restore.programs import Programs
from tests.dump_restore.samples import Catalogue, troubles

MEMBERSHIPS = ("--data-only", "--table=collection_artifacts", "--table=group_artifacts")
OF_ONE = "(select * from collection_artifacts where collection_id = 'p')"


@pytest.mark.exhaustive
def test_lost_memberships_are_counted_as_they_come_back(
    programs: Programs, full_dump: Path, source: Catalogue, copied: str
) -> None:
    with skillmeat.connect(copied, autocommit=True) as conn:
        conn.execute("truncate collection_artifacts cascade")

    programs.restore(copied, full_dump, *MEMBERSHIPS)

    assert troubles(copied, source.rows) == []


@pytest.mark.exhaustive
def test_the_members_of_one_collection_are_counted_as_they_come_back(
    programs: Programs, source: Catalogue, copied: str
) -> None:
    with skillmeat.connect(copied, autocommit=True) as conn:
        conn.execute("delete from collection_artifacts where collection_id = 'p'")

    programs.copy(OF_ONE, "collection_artifacts", out=source.url, into=copied, schema="skillmeat")

    assert troubles(copied, source.rows) == []


@pytest.mark.exhaustive
def test_parents_without_their_children_count_none(
    programs: Programs, full_dump: Path, arrived: str
) -> None:
    programs.restore(arrived, full_dump, "--data-only", "--table=collections", "--table=tags")

    with skillmeat.connect(arrived) as conn:
        assert differences(conn) == []
