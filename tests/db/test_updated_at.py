"""An edit sets updated_at; a changed count does not."""

import re

import pytest
from psycopg import Connection

LONG_AGO = "2001-02-03T00:00:00+00:00"
EDITED = {
    "artifacts": "update artifacts set description = 'new' where id = 'skill:s1'",
    "tags": "update tags set color = '#ffffff' where id = 'p'",
    "collections": "update collections set description = 'new' where id = 'p'",
    "groups": "update groups set position = 7 where id = 'p1'",
    "project_templates": "update project_templates set description = 'new'",
}
UNTOUCHED = {
    "artifacts": "update artifacts set description = description, metadata = metadata",
    "tags": "update tags set name = name, id = id",
    "collections": "update collections set name = name, id = id",
    "groups": "update groups set name = name, collection_id = collection_id",
    "project_templates": "update project_templates set name = name",
}


@pytest.fixture
def aged(sample: Connection) -> Connection:
    """Set updated_at of every row of the sample to a time long ago."""
    for table in EDITED:
        sample.execute(f"update {table} set updated_at = %s", [LONG_AGO])
    sample.commit()
    return sample


@pytest.mark.parametrize("table", EDITED)
def test_an_edit_sets_updated_at_of_its_row_alone(aged: Connection, table: str) -> None:
    changed = aged.execute(EDITED[table]).rowcount

    now = aged.execute(f"select count(*) from {table} where updated_at = now()").fetchone()
    assert (changed, now) == (1, (1,))


@pytest.mark.parametrize("table", UNTOUCHED)
def test_setting_a_column_to_its_own_value_keeps_updated_at(aged: Connection, table: str) -> None:
    aged.execute(UNTOUCHED[table])

    assert edited(aged, table) == 0


@pytest.mark.parametrize("table", EDITED)
def test_two_edits_in_one_microsecond_have_two_times(aged: Connection, table: str) -> None:
    aged.execute(EDITED[table])
    aged.execute(re.sub("new|7|#f", lambda old: old[0][:-1] + "8", EDITED[table], count=1))

    later = aged.execute(f"select count(*) from {table} where updated_at > now()").fetchone()
    assert later == (1,)


@pytest.mark.parametrize("table", EDITED)
def test_an_edit_may_give_its_own_time(aged: Connection, table: str) -> None:
    aged.execute(EDITED[table].replace(" set ", " set updated_at = '2020-01-01', "))

    given = aged.execute(f"select count(*) from {table} where updated_at = '2020-01-01'")
    assert given.fetchone() == (1,)


@pytest.mark.parametrize("table", ["collections", "groups", "tags"])
def test_a_changed_count_keeps_updated_at(aged: Connection, table: str) -> None:
    aged.execute("delete from artifact_tags where tag_id = 'p'")
    aged.execute("delete from collection_artifacts where collection_id in ('p', 'default')")
    aged.execute("delete from groups where id = 'p1'")
    aged.commit()
    aged.execute("select settle_counts()")

    assert edited(aged, table) == 0


def test_a_renamed_collection_was_edited(aged: Connection) -> None:
    aged.execute("update collections set id = 'new' where id = 'p'")

    assert edited(aged, "collections") == 1


def edited(conn: Connection, table: str) -> int:
    """Return how many rows were edited."""
    (count,) = conn.execute(
        f"select count(*) from {table} where updated_at <> %s", [LONG_AGO]
    ).fetchone() or (None,)
    return int(count)
