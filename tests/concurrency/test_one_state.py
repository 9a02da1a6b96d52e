"""A reader with one snapshot sees one state, during any kind of refresh."""

from contextlib import suppress

import pytest
from psycopg import Connection, IsolationLevel, errors

from tests.concurrency.sessions import NewSession, running, wait_until_blocked
from tests.concurrency.test_keys_change import waiting_session
from tests.concurrency.test_refresh import REFRESH, WRITES
from tests.db.oracle import differences

PLAINLY = "refresh materialized view artifact_summaries_snapshot"
CONCURRENTLY = "refresh materialized view concurrently artifact_summaries_snapshot"
SHOWN = "select s from artifact_summaries as s order by id"
LIVE = "select s from artifact_summaries_live as s order by id"
REPEATABLE = IsolationLevel.REPEATABLE_READ


@pytest.mark.parametrize(
    "meanwhile",
    [
        [REFRESH],
        [PLAINLY],
        [CONCURRENTLY],
        [REFRESH, "vacuum full artifact_summaries_snapshot"],
        [f"{PLAINLY} with no data", REFRESH],
        ["drop index artifact_summaries_snapshot_id_idx", REFRESH],
        ["truncate artifact_changes", PLAINLY],
        ["update last_refresh set bypass_after_seq = 0"],
    ],
    ids=lambda meanwhile: "; ".join(meanwhile)[:60],
)
def test_a_reader_with_one_snapshot_sees_one_state(
    session: NewSession, observer: Connection, meanwhile: list[str]
) -> None:
    observer.execute("update artifacts set title = 'Before' where name in ('s2', 's3')")
    reader = session(REPEATABLE)
    before = reader.execute(LIVE).fetchall()

    observer.execute("update artifacts set title = 'After' where name in ('s1', 's2')")
    observer.execute("delete from tags where id = 'q'; update tags set name = 'N' where id = 'p'")
    observer.execute("delete from artifacts where name = 'a1'")
    for statement in meanwhile:
        observer.execute(statement)

    assert reader.execute(SHOWN).fetchall() == before
    assert differences(observer) == []


def test_a_reader_of_the_view_sees_one_state_through_many_refreshes(
    session: NewSession, observer: Connection
) -> None:
    reader = session(REPEATABLE)
    before = reader.execute(SHOWN).fetchall()
    seen = []

    for write in WRITES:
        with suppress(errors.IntegrityError):
            observer.execute(write)
        observer.execute(REFRESH)
        seen.append(reader.execute(SHOWN).fetchall() == before)

    assert seen == [True] * len(WRITES)


def test_a_manual_refresh_that_waited_for_two_refreshes_restores_no_old_row(
    session: NewSession, observer: Connection
) -> None:
    refresher, by_hand = session(), waiting_session(session)
    observer.execute("update artifacts set title = 'One' where name = 's1'")
    refresher.execute(REFRESH)

    with running(by_hand, CONCURRENTLY) as refreshed:
        wait_until_blocked(observer, by_hand, by=refresher, work=refreshed)
        observer.execute("update artifacts set title = 'Two' where name = 's1'")
        refresher.execute(REFRESH)
        refresher.commit()

    assert refreshed.exception() is None or isinstance(
        refreshed.exception(), errors.SerializationFailure
    )
    assert differences(observer) == []


@pytest.mark.parametrize("absorbed", ["select", REFRESH])
def test_serializable_writers_that_depend_on_the_view_do_not_both_commit(
    session: NewSession, observer: Connection, absorbed: str
) -> None:
    first, second = session(IsolationLevel.SERIALIZABLE), session(IsolationLevel.SERIALIZABLE)
    read_and_untag(first, "skill:s1", "agent:a1")
    first.commit()
    observer.execute(absorbed)

    with pytest.raises(errors.SerializationFailure):
        read_and_untag(second, "agent:a1", "skill:s1")


def read_and_untag(conn: Connection, read: str, untagged: str) -> None:
    conn.execute("select tags from artifact_summaries where id = %s", [read])
    conn.execute("delete from artifact_tags where artifact_id = %s", [untagged])
    conn.commit()
