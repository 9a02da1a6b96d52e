"""Verifying and repairing a part of a catalogue, in a database that was tampered with."""

import re

import pytest
from psycopg import Connection, errors

from tests.db.oracle import differences

TAMPERED = """
set session_replication_role = replica;
update collections set artifact_count = artifact_count + 4;
update tags set artifact_count = artifact_count + 1 where id = 'p';
update artifacts set title = 'Changed in secret' where id in ('skill:s1', 'skill:s2');
delete from artifacts where id = 'skill:s3';
insert into artifacts (type, name) values ('skill', 'secret');
reset session_replication_role;
"""


@pytest.fixture
def tampered(observer: Connection) -> Connection:
    """Change counts and summaries of a catalogue behind the triggers."""
    observer.execute("select settle_counts()")
    observer.execute("select refresh_artifact_summaries()")
    observer.execute(TAMPERED)
    return observer


def test_one_count_is_verified_by_counting_its_own_children_alone(tampered: Connection) -> None:
    plan = tampered.execute(
        """
        explain (costs off)
        select * from count_drift
        where counter = 'collections.artifact_count' and parent = 'p'
        """
    ).fetchall()

    read = set(re.findall(r" on (\w+) [px]", " ".join(line for (line,) in plan)))
    assert read == {"collections", "count_changes", "collection_artifacts"}


def test_counts_are_verified_by_index_if_one_parent_has_nearly_all_children(
    observer: Connection,
) -> None:
    observer.execute(
        """
        insert into collections (id, name) select 'empty' || i, i from generate_series(1, 20) as i;
        insert into artifacts (type, name)
        select 'skill', 'one' || i from generate_series(1, 3000) as i;
        insert into collection_artifacts (collection_id, artifact_id)
        select 'p', id from artifacts on conflict do nothing;
        """
    )
    observer.execute("vacuum analyze collections, collection_artifacts")

    plan = observer.execute("explain (costs off) table count_drift").fetchall()

    assert "Seq Scan on collection_artifacts" not in " ".join(line for (line,) in plan)


def test_the_drift_of_given_artifacts_is_that_of_the_view(tampered: Connection) -> None:
    ids = ["skill:s1", "skill:s3", "skill:secret", "skill:s4", "skill:nowhere"]
    whole = tampered.execute(
        "select side, id, title from summary_drift where id = any (%s) order by id, side", [ids]
    ).fetchall()

    found = tampered.execute(
        "select side, id, title from summary_drift_of(%s) order by id, side", [ids]
    ).fetchall()

    counts_apart = [row for row in whole if row[1] != "skill:s4"]
    assert found == counts_apart


def test_repair_corrects_only_the_given_counts(tampered: Connection) -> None:
    before = tampered.execute("select parent from count_drift order by parent").fetchall()

    repaired_rows = tampered.execute(
        "select parent from repair_counts('collections.artifact_count', array['p'])"
    ).fetchall()

    after = tampered.execute("select parent from count_drift order by parent").fetchall()
    before.remove(("p",))
    assert (repaired_rows, after) == ([("p",)], before)


def test_an_unknown_counter_is_refused_with_the_known_counters(observer: Connection) -> None:
    with pytest.raises(errors.InvalidParameterValue) as refused:
        observer.execute("select repair_counts('collections.members')")

    assert "collections.artifact_count" in str(refused.value.diag.message_hint)


def test_repair_corrects_only_the_given_summaries(tampered: Connection) -> None:
    tampered.execute("select repair_counts()")

    repaired_rows = tampered.execute(
        "select repair_summaries(array['skill:s1', 'skill:s4'])"
    ).fetchall()

    left = tampered.execute("select distinct id from summary_drift order by id").fetchall()
    assert (repaired_rows, left) == (
        [("skill:s1",)],
        [("skill:s2",), ("skill:s3",), ("skill:secret",)],
    )


def test_a_full_repair_leaves_no_drift(tampered: Connection) -> None:
    tampered.execute("select repair_counts()")
    tampered.execute("select repair_summaries()")

    repaired = differences(tampered)
    tampered.execute("select refresh_artifact_summaries()")

    assert (repaired, differences(tampered)) == ([], [])
