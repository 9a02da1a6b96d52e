"""Settling and repairing while other sessions write."""

import pytest
from psycopg import Connection, IsolationLevel

from tests.concurrency.sessions import NewSession, running, wait_until_blocked
from tests.concurrency.test_keys_change import waiting_session
from tests.db.oracle import differences, pending

INSERT = "insert into collection_artifacts (collection_id, artifact_id) values ('p', '{}')"
DELETE = "delete from collection_artifacts where artifact_id = '{}'"


def test_settling_does_not_wait_and_skips_rows_that_others_lock(
    session: NewSession, observer: Connection
) -> None:
    holder, writer, settler = session(), session(), session()
    holder.execute("select from collections where id = 'p' for no key update")
    writer.execute(DELETE.format("skill:s1"))
    writer.commit()

    left = settler.execute("select settle_counts()").fetchone()
    settler.commit()

    assert (left, pending(observer), differences(observer)) == ((1,), 1, [])


def test_two_sessions_settle_at_once_and_stay_exact(
    session: NewSession, observer: Connection
) -> None:
    writer = session(IsolationLevel.REPEATABLE_READ)
    writer.execute(DELETE.format("skill:s1"))
    writer.commit()
    first, second = session(), session()

    first.execute("select settle_counts()")
    second.execute("select settle_counts()")
    between = differences(observer)
    second.commit()
    first.commit()

    assert (between, pending(observer), differences(observer)) == ([], 0, [])


def test_a_writer_does_not_wait_while_counts_are_settled(
    session: NewSession, observer: Connection
) -> None:
    settler, writer = session(), session()
    settler.execute("insert into collections (id, name) values ('new', 'New')")
    settler.execute("select settle_counts()")
    settler.execute("select from collections for no key update")

    writer.execute(INSERT.format("agent:a1"))
    writer.commit()
    settler.commit()

    assert differences(observer) == []


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_a_repair_is_exact_beside_writers_that_are_still_open(
    session: NewSession, observer: Connection, ends: str
) -> None:
    writer, repairer = session(), session()
    observer.execute("update collections set artifact_count = artifact_count + 40")
    writer.execute(INSERT.format("agent:a1"))
    writer.execute(DELETE.format("skill:s1"))

    repaired = repairer.execute("select * from repair_counts()").fetchall()
    inside = differences(repairer)
    writer.execute(INSERT.format("agent:a2"))
    getattr(writer, ends)()
    repairer.commit()

    assert (len(repaired), inside, differences(observer)) == (4, [], [])


def test_a_writer_does_not_wait_for_an_open_repair(
    session: NewSession, observer: Connection
) -> None:
    repairer, writer = session(), session()
    observer.execute("update collections set artifact_count = artifact_count + 40")
    repairer.execute("select * from repair_counts()")

    writer.execute(INSERT.format("agent:a1"))
    writer.execute(DELETE.format("skill:s1"))
    writer.commit()
    repairer.commit()

    assert differences(observer) == []


def test_a_repair_waits_for_an_editor_of_the_row_and_counts_its_rows(
    session: NewSession, observer: Connection
) -> None:
    editor, repairer = session(), waiting_session(session)
    observer.execute("update collections set artifact_count = artifact_count + 40")
    editor.execute("update collections set description = 'new' where id = 'p'")
    editor.execute(INSERT.format("agent:a1"))

    with running(repairer, "select * from repair_counts()") as repaired:
        wait_until_blocked(observer, repairer, by=editor, work=repaired)
        editor.commit()
    repaired.result()

    assert differences(observer) == []
