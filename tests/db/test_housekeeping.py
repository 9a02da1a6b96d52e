"""Settling and repairing without other sessions."""

import pytest
from psycopg import Connection, IsolationLevel, errors

from tests.db.oracle import differences, pending
from tests.db.sample import CHILDREN, Child

COUNTS = (
    ("collections", "id", "p", "artifact_count"),
    ("collections", "id", "p", "group_count"),
    ("groups", "id", "gp", "artifact_count"),
    ("tags", "id", "p", "artifact_count"),
    ("artifact_types", "type", "skill", "artifact_count"),
)


def test_settling_a_count_that_was_lowered_by_hand_stops_at_zero(
    sample: Connection, observer: Connection
) -> None:
    sample.isolation_level = IsolationLevel.REPEATABLE_READ
    sample.execute("delete from collection_artifacts where collection_id = 'p'")
    sample.commit()
    observer.execute("update collections set artifact_count = 0 where id = 'p'")

    observer.execute("select settle_counts()")

    count = observer.execute("select artifact_count from collections where id = 'p'").fetchone()
    assert (count, pending(observer)) == ((0,), 0)


@pytest.mark.parametrize("level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
def test_settling_leaves_nothing_pending_and_changes_no_answer(
    sample: Connection, observer: Connection, level: IsolationLevel
) -> None:
    sample.isolation_level = level
    sample.execute("delete from collection_artifacts where collection_id = 'p'")
    sample.execute("delete from artifact_tags")
    sample.commit()
    before = observer.execute("select c from collection_summaries as c order by id").fetchall()

    waiting = pending(observer)
    left = observer.execute("select settle_counts()").fetchone()

    after = observer.execute("select c from collection_summaries as c order by id").fetchall()
    assert (waiting > 0, left, pending(observer)) == (True, (0,), 0)
    assert (after, differences(observer)) == (before, [])


def test_settling_removes_pending_changes_of_renamed_and_deleted_rows(
    sample: Connection, observer: Connection
) -> None:
    sample.isolation_level = IsolationLevel.REPEATABLE_READ
    sample.execute("delete from collection_artifacts where artifact_id = 'skill:s1'")
    sample.execute("update collections set id = 'new' where id = 'p'")
    sample.execute("delete from collections where id = 'default'")
    sample.commit()

    observer.execute("select settle_counts()")

    assert (pending(observer), differences(observer)) == (0, [])


BULK_LOAD = """
    insert into artifacts (type, name)
    select 'skill', 'bulk' || n from generate_series(1, 9000) as n;

    insert into collection_artifacts (collection_id, artifact_id)
    select 'default', id from artifacts where name like 'bulk%';
"""
ESTIMATES = """
    select c.relname, c.reltuples::bigint
    from pg_class as c
    where c.oid = any (array['artifacts', 'collection_artifacts']::regclass[])
    order by 1
"""


@pytest.mark.usefixtures("vacuumed_afterwards")
def test_a_refresh_analyzes_what_a_bulk_load_filled(sample: Connection) -> None:
    sample.execute(BULK_LOAD)
    sample.commit()

    sample.execute("select refresh_artifact_summaries()")

    snapshot = (
        "select reltuples >= 9000 from pg_class where relname = 'artifact_summaries_snapshot'"
    )
    counted = "select count(*) from artifacts union all select count(*) from collection_artifacts"
    expected = [count for (count,) in sample.execute(counted)]
    assert [tuples for _, tuples in sample.execute(ESTIMATES)] == expected
    assert sample.execute(snapshot).fetchone() == (True,)


@pytest.mark.usefixtures("vacuumed_afterwards")
def test_a_restored_table_is_analyzed_although_its_size_is_known(sample: Connection) -> None:
    sample.execute(f"{BULK_LOAD}; select analyze_grown_tables()")
    # As pg_restore leaves it: CREATE INDEX sets the size, and there are no statistics.
    sample.execute("delete from pg_statistic where starelid = 'artifacts'::regclass")

    sample.execute("select analyze_grown_tables()")

    found = "select exists (select from pg_stats where tablename = 'artifacts')"
    assert sample.execute(found).fetchone() == (True,)


@pytest.mark.usefixtures("vacuumed_afterwards")
def test_analyzing_skips_a_table_that_another_session_maintains(
    sample: Connection, observer: Connection
) -> None:
    sample.execute(BULK_LOAD)
    sample.execute("update pg_class set relpages = 0, reltuples = -1 where relkind = 'r'")
    sample.commit()
    sample.execute("lock table artifacts in share update exclusive mode")

    observer.execute("select analyze_grown_tables()")

    estimates: dict[str, int] = dict(observer.execute(ESTIMATES).fetchall())
    assert estimates["artifacts"] == -1
    assert estimates["collection_artifacts"] > 9000


def test_settling_again_changes_nothing(observer: Connection) -> None:
    observer.execute("select settle_counts()")

    assert observer.execute("select settle_counts()").fetchone() == (0,)


@pytest.mark.parametrize("level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
def test_the_error_of_settling_above_read_committed_has_a_hint(
    sample: Connection, level: IsolationLevel
) -> None:
    sample.isolation_level = level

    with pytest.raises(errors.DatabaseError, match="READ COMMITTED") as refused:
        sample.execute("select settle_counts()")

    assert refused.value.diag.message_hint == "Call it in a transaction of its own."


def test_settling_inside_a_transaction_counts_what_it_has_written(sample: Connection) -> None:
    sample.execute("delete from collection_artifacts where collection_id = 'p'")
    sample.execute("select settle_counts()")
    sample.execute("insert into collection_artifacts values ('p', 'agent:a1')")

    inside = differences(sample)
    sample.commit()

    assert (inside, differences(sample), pending(sample)) == ([], [], 0)


@pytest.mark.parametrize("counter", COUNTS)
@pytest.mark.parametrize("wrong", [3, -1])
def test_drift_names_a_wrong_count_and_repair_corrects_it(
    observer: Connection, counter: tuple[str, str, str, str], wrong: int
) -> None:
    table, key, parent, count = counter
    observer.execute(f"update {table} set {count} = {count} + %s where {key} = %s", [wrong, parent])
    (actual,) = observer.execute(
        f"select {count} - %s from {table} where {key} = %s", [wrong, parent]
    ).fetchone() or (None,)
    assert actual is not None

    drift = observer.execute("select * from count_drift").fetchall()
    repaired = observer.execute("select * from repair_counts()").fetchall()
    again = observer.execute("select * from repair_counts()").fetchall()

    assert drift == [(f"{table}.{count}", parent, actual + wrong, actual)]
    assert (repaired, again, differences(observer)) == (drift, [], [])


def test_repair_corrects_every_count_at_once(observer: Connection) -> None:
    for table, _, _, count in COUNTS:
        observer.execute(f"update {table} set {count} = {count} + 5")
    drift = observer.execute("select * from count_drift order by counter, parent").fetchall()

    repaired = observer.execute("select * from repair_counts() order by counter, parent").fetchall()

    assert (repaired, differences(observer)) == (drift, [])


def test_repair_corrects_forged_and_lost_pending_changes(
    sample: Connection, observer: Connection
) -> None:
    sample.isolation_level = IsolationLevel.REPEATABLE_READ
    sample.execute("delete from collection_artifacts where artifact_id = 'skill:s1'")
    sample.commit()
    observer.execute("delete from count_changes where parent = 'default'")
    observer.execute("update count_changes set delta = 100 where parent = 'p'")

    observer.execute("select * from repair_counts()")

    assert differences(observer) == []


@pytest.mark.parametrize("child", CHILDREN, ids=lambda child: child.table)
def test_a_writer_commits_although_a_count_was_tampered_with(
    sample: Connection, observer: Connection, child: Child
) -> None:
    for table, _, _, count in COUNTS:
        observer.execute(f"update {table} set {count} = 0")

    sample.execute(f"delete from {child.table}")
    sample.commit()
    sample.execute(f"insert into {child.table} ({child.columns}) values ({child.fresh[2]})")
    sample.commit()

    observer.execute("select settle_counts()")
    assert differences(observer) != []
    observer.execute("select * from repair_counts()")
    assert differences(observer) == []


def test_a_repair_that_is_rolled_back_corrects_nothing(
    sample: Connection, observer: Connection
) -> None:
    observer.execute("update tags set artifact_count = 70")
    drift = observer.execute("select * from count_drift").fetchall()

    sample.execute("select * from repair_counts()")
    sample.rollback()

    assert observer.execute("select * from count_drift").fetchall() == drift
