"""A group's artifact stays a member of the group's collection after every change of either."""

from contextlib import suppress

import pytest
from psycopg import Connection, errors

from tests.db.oracle import differences

IN_GROUPS = """
select array_agg(collection_id || '/' || group_id || '/' || artifact_id order by 1)
from (select * from group_artifacts order by group_id, artifact_id) as g
where artifact_id in ('skill:s1', 'agent:a1')
"""


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        (
            (
                "delete from collection_artifacts "
                "where collection_id = 'default' and artifact_id = 'skill:s1'"
            ),
            ["default/gq/agent:a1"],
        ),
        (
            (
                "update collection_artifacts set collection_id = 'empty' "
                "where collection_id = 'default' and artifact_id = 'skill:s1'"
            ),
            ["default/gq/agent:a1"],
        ),
        (
            "update collections set id = 'new' where id = 'default'",
            ["new/gp/skill:s1", "new/gq/agent:a1"],
        ),
        (
            "update groups set id = 'new' where id = 'gp'",
            ["default/new/skill:s1", "default/gq/agent:a1"],
        ),
        ("delete from artifacts where name = 's1'", ["default/gq/agent:a1"]),
        ("delete from groups where id = 'gp'", ["default/gq/agent:a1"]),
        ("delete from collections where id = 'default'", None),
        (
            "delete from collection_artifacts where collection_id = 'p'",
            ["default/gp/skill:s1", "default/gq/agent:a1"],
        ),
    ],
    ids=[
        "leaving_the_collection_leaves_its_groups",
        "moving_to_another_collection_leaves_the_groups",
        "a_renamed_collection_keeps_its_groups",
        "a_renamed_group_keeps_its_artifacts",
        "a_deleted_artifact_is_in_no_group",
        "a_deleted_group_holds_nothing",
        "a_deleted_collection_has_no_groups",
        "leaving_another_collection_changes_nothing",
    ],
)
def test_groups_follow_their_collection_and_artifacts(
    sample: Connection, statement: str, left: list[str] | None
) -> None:
    sample.execute(statement)

    found = sample.execute(IN_GROUPS).fetchone()
    sample.commit()
    assert (found and sorted(found[0] or []), differences(sample)) == (sorted(left or []), [])


def test_a_renamed_artifact_stays_in_its_groups(sample: Connection) -> None:
    sample.execute("update artifacts set name = 'new' where name = 's1'")

    found = sample.execute(
        "select group_id from group_artifacts where artifact_id = 'skill:new'"
    ).fetchall()
    assert found == [("gp",)]


@pytest.mark.parametrize("mode", ["immediate", "deferred"])
def test_a_group_filled_before_it_exists_is_refused_or_counted(
    sample: Connection, mode: str
) -> None:
    sample.execute(f"set constraints all {mode}")

    with suppress(errors.ForeignKeyViolation), sample.transaction():
        sample.execute(
            "insert into group_artifacts (collection_id, group_id, artifact_id) "
            "values ('default', 'new', 'skill:s1')"
        )
        sample.execute(
            "insert into groups (collection_id, id, name) values ('default', 'new', 'New')"
        )

    assert differences(sample) == []
