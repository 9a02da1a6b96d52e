"""A refresh absorbs changes; every answer is exact before, during and without it."""

import json
from hashlib import md5
from typing import Any

import pytest
from psycopg import Connection, IsolationLevel, errors

from tests.db.oracle import differences

EDIT = "update artifacts set title = 'New' where name in ('s1', 's2')"
REFRESH = "select refresh_artifact_summaries()"
PLAINLY = "refresh materialized view artifact_summaries_snapshot"
CONCURRENTLY = "refresh materialized view concurrently artifact_summaries_snapshot"
BYPASSED = "select everything_changed, has_too_many_changes, is_replaced from snapshot_bypass"
CROWDED = "select has_too_many_changes from snapshot_bypass"
STALE = """
    select r ->> 'id'
    from (
        select to_jsonb(d) from artifact_details as d
        except
        select to_jsonb(s) - 'json_document' from artifact_summaries_snapshot as s
    ) as stale (r)
"""
INDEX = "artifact_summaries_snapshot_id_idx"
ABOVE = (IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE)


def test_a_refresh_absorbs_the_changes(observer: Connection) -> None:
    observer.execute(EDIT)

    absorbed = one(observer, REFRESH)

    stale = observer.execute(STALE).fetchall()
    assert (absorbed, changes(observer), stale, differences(observer)) == (2, 0, [], [])


UNUSUAL = """
    insert into artifact_types (type) values ('mcp');
    insert into artifacts (type, name, title, description, metadata, added_at) values
    (
        'mcp', 'first', 'A "title" \\', E'{}\\n"" : null}',
        '{"tools": "Read,  , Grep ", "aliases": ["a", 1], "target_platforms": "cli"}',
        '2026-01-02 03:04:05.6+00'
    ),
    ('mcp', 'second', null, '', '{"uuid": "0123456789abcdef0123456789abcdef"}', 'infinity'),
    ('mcp', 'third', 'ä 😀', null, '{"uuid": "0123"}', '12026-01-02 03:04:05.678901+02'),
    ('mcp', 'fourth', null, null, '{"linked_artifacts": {}}', '2026-01-02 03:04:05+00')
"""
JSON = "select json_document from artifact_summaries_json where type = 'mcp' order by id"


def test_a_refresh_prepares_the_json_that_a_live_row_has(observer: Connection) -> None:
    observer.execute(UNUSUAL)
    live = observer.execute(JSON).fetchall()

    observer.execute(REFRESH)

    prepared = observer.execute(JSON).fetchall()
    read: dict[str, dict[str, Any]] = {
        each["name"]: each for each in (json.loads(row[0]) for row in prepared)
    }
    assert (prepared, len(read)) == (live, 4)
    assert {name: each["added"] for name, each in read.items()} == {
        "first": "2026-01-02T03:04:05.600000",
        "second": "infinity",
        "third": "12026-01-02T01:04:05.678901",
        "fourth": "2026-01-02T03:04:05",
    }
    assert read["first"]["metadata"]["tools"] == ["Read", "Grep"]
    assert (read["first"]["aliases"], read["first"]["target_platforms"]) == (["a"], ["cli"])
    assert read["second"]["uuid"] == "0123456789abcdef0123456789abcdef"
    assert read["third"]["uuid"] == md5(b"mcp:third", usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("refresh", [REFRESH, PLAINLY])
def test_the_first_refresh_stores_artifacts_in_the_order_of_pages(
    conn: Connection, refresh: str
) -> None:
    conn.execute(
        "insert into artifacts (type, name) select 'skill', md5(n::text)"
        " from generate_series(1, 500) as n"
    )

    conn.execute(refresh)

    stored = conn.execute("select id from artifact_summaries_snapshot order by ctid").fetchall()
    assert (len(stored), stored) == (500, sorted(stored))


def test_a_refresh_with_nothing_to_do_writes_nothing(sample: Connection) -> None:
    absorbed = one(sample, REFRESH)

    assert (absorbed, one(sample, "select pg_current_xact_id_if_assigned()")) == (0, None)


@pytest.mark.parametrize("level", ABOVE, ids=lambda level: level.name.lower())
def test_the_error_of_a_refresh_above_read_committed_has_a_hint(
    sample: Connection, level: IsolationLevel
) -> None:
    sample.isolation_level = level

    with pytest.raises(errors.InvalidTransactionState, match="READ COMMITTED") as refused:
        sample.execute(REFRESH)

    assert refused.value.diag.message_hint == "Call it in a transaction of its own."


def test_a_refresh_ends_the_bypass_after_a_change_of_everything(observer: Connection) -> None:
    observer.execute("truncate artifact_versions")
    before = observer.execute(BYPASSED).fetchone()

    observer.execute(REFRESH)

    after = observer.execute(BYPASSED).fetchone()
    assert (before, after) == ((True, False, False), (False, False, False))


@pytest.mark.parametrize("pending", ["select", EDIT])
def test_a_snapshot_that_was_never_populated_is_populated(
    observer: Connection, pending: str
) -> None:
    observer.execute(f"{PLAINLY} with no data")
    observer.execute(pending)
    with pytest.raises(errors.ObjectNotInPrerequisiteState):
        observer.execute("table artifact_summaries")

    observer.execute(REFRESH)

    assert (changes(observer), differences(observer)) == (0, [])


@pytest.mark.parametrize("unfit", ["select", f"create index {INDEX} on {{}} (id)"])
def test_an_index_that_was_dropped_is_created_again(observer: Connection, unfit: str) -> None:
    observer.execute(f"drop index {INDEX}")
    observer.execute(unfit.format("artifact_summaries_snapshot"))
    observer.execute(EDIT)
    before = differences(observer)

    absorbed = one(observer, REFRESH)

    indexed = one(observer, "select is_indexed from refresh_status()")
    assert (before, absorbed, indexed, differences(observer)) == ([], 2, True, [])


def test_a_refresh_replaces_an_invalid_index(observer: Connection) -> None:
    observer.execute(f"drop index {INDEX}")
    with pytest.raises(errors.UniqueViolation):
        observer.execute(
            f"create unique index concurrently {INDEX} on artifact_summaries_snapshot (type)"
        )
    observer.execute(EDIT)

    absorbed = one(observer, REFRESH)

    indexed = one(observer, "select is_indexed from refresh_status()")
    assert (absorbed, indexed, differences(observer)) == (2, True, [])


@pytest.mark.parametrize("by_hand", [PLAINLY, CONCURRENTLY])
def test_a_refresh_by_hand_changes_no_answer(observer: Connection, by_hand: str) -> None:
    observer.execute(EDIT)

    observer.execute(by_hand)

    before = (changes(observer), differences(observer), observer.execute(BYPASSED).fetchone())
    observer.execute(REFRESH)
    assert before == (2, [], (False, False, True))
    assert (changes(observer), differences(observer)) == (0, [])


def test_a_refresh_without_changes_replaces_one_by_hand(observer: Connection) -> None:
    observer.execute(REFRESH)
    observer.execute(CONCURRENTLY)

    absorbed = one(observer, REFRESH)

    assert (absorbed, observer.execute(BYPASSED).fetchone()) == (0, (False, False, False))


def test_building_the_index_leaves_the_callers_lock_timeout(sample: Connection) -> None:
    sample.execute(f"set local lock_timeout = '7s'; drop index {INDEX}")

    sample.execute(REFRESH)

    assert one(sample, "show lock_timeout") == "7s"


@pytest.mark.parametrize("level", ABOVE, ids=lambda level: level.name.lower())
@pytest.mark.parametrize("by_hand", [PLAINLY, CONCURRENTLY])
def test_a_refresh_by_hand_with_an_old_snapshot_brings_no_old_row_back(
    sample: Connection, observer: Connection, level: IsolationLevel, by_hand: str
) -> None:
    observer.execute("insert into artifacts (type, name) values ('skill', 'gone')")
    sample.isolation_level = level
    sample.execute("select from artifact_types")
    observer.execute("delete from artifacts where name = 'gone'")
    observer.execute(REFRESH)

    try:
        sample.execute(by_hand)
        sample.commit()
    except errors.DatabaseError:
        sample.rollback()

    assert differences(observer) == []


def test_a_log_with_too_many_changes_changes_no_answer(observer: Connection) -> None:
    observer.execute(EDIT)
    observer.execute("update last_refresh set bypass_after_seq = 0")
    crowded = (one(observer, CROWDED), differences(observer))

    observer.execute(REFRESH)

    assert (crowded, one(observer, CROWDED), differences(observer)) == ((True, []), False, [])


def test_the_next_refresh_forgets_changes_that_rolled_back(
    sample: Connection, observer: Connection
) -> None:
    sample.execute(
        "insert into artifact_changes (artifact_id) select 'x' from generate_series(1, 20000)"
    )
    sample.rollback()
    before = one(observer, CROWDED)

    observer.execute(REFRESH)

    assert (before, one(observer, CROWDED)) == (True, False)


@pytest.mark.parametrize("end", ["commit", "rollback", "rollback to s"])
def test_a_refresh_commits_and_rolls_back_with_its_transaction(
    sample: Connection, observer: Connection, end: str
) -> None:
    observer.execute(EDIT)
    sample.execute("delete from artifact_tags where artifact_id = 'skill:s1'")
    sample.execute("savepoint s")
    absorbed = one(sample, REFRESH)
    sample.execute("insert into artifacts (type, name) values ('agent', 'n')")
    inside = differences(sample)

    sample.execute(end)
    left = changes(sample)
    inside += differences(sample)
    sample.commit()

    kept = {"commit": 1, "rollback": 2, "rollback to s": 3}
    assert (absorbed, inside, left, differences(observer)) == (3, [], kept[end], [])


def test_a_lost_change_is_drift_until_it_is_repaired(observer: Connection) -> None:
    observer.execute(EDIT)
    observer.execute("delete from artifact_changes where artifact_id = 'skill:s1'")
    drift = observer.execute("select side, id, title from summary_drift order by side").fetchall()

    repaired_rows = observer.execute("select repair_summaries()").fetchall()

    assert drift == [("shown", "skill:s1", None), ("true", "skill:s1", "New")]
    assert (repaired_rows, differences(observer)) == ([("skill:s1",)], [])


@pytest.mark.parametrize(
    "statement",
    [
        EDIT,
        "insert into artifacts (type, name) values ('skill', 'n')",
        "update tags set name = 'N' where id = 'p'",
    ],
)
def test_repair_and_refresh_correct_writes_without_triggers(
    sample: Connection, observer: Connection, statement: str
) -> None:
    sample.execute("set session_replication_role = replica")
    sample.execute(statement)
    sample.execute("reset session_replication_role")
    sample.commit()
    drifting = {row[0] for row in observer.execute("select id from summary_drift")}

    repaired_rows = {row[0] for row in observer.execute("select repair_summaries()")}

    repaired = observer.execute("table summary_drift").fetchall()
    observer.execute(REFRESH)
    assert (repaired_rows, repaired) == (drifting, [])
    assert (drifting != set(), observer.execute("table summary_drift").fetchall()) == (True, [])


def test_a_repair_of_a_healthy_catalogue_changes_nothing(sample: Connection) -> None:
    repaired_rows = sample.execute("select repair_summaries()").fetchall()

    assert (repaired_rows, one(sample, "select pg_current_xact_id_if_assigned()")) == ([], None)


def one(conn: Connection, statement: str) -> object:
    """Return the one value that a statement returns."""
    (value,) = conn.execute(statement).fetchone() or (None,)
    return value


def changes(conn: Connection) -> object:
    """Return how many logged changes `conn` sees."""
    return one(conn, "select count(*) from artifact_changes")
