"""A count makes no writer wait for another writer, and none fail."""

import itertools

import pytest
from psycopg import Connection, IsolationLevel, errors

from tests.concurrency.sessions import NewSession
from tests.db.conftest import LEVELS
from tests.db.oracle import differences
from tests.db.sample import CHILDREN, Child

INSERT = "insert into collection_artifacts (collection_id, artifact_id) values ('{}', '{}')"
DELETE = "delete from collection_artifacts where (collection_id, artifact_id) = ('{}', '{}')"
MOVE = (
    "update collection_artifacts set collection_id = '{2}' "
    "where (collection_id, artifact_id) = ('{0}', '{1}')"
)
ABOVE = LEVELS[1:]


@pytest.mark.parametrize(
    ("one", "other"), list(itertools.product(LEVELS, LEVELS)), ids=lambda level: level.name.lower()
)
@pytest.mark.parametrize("child", CHILDREN, ids=lambda child: child.table)
def test_writers_of_one_parent_do_not_wait(
    session: NewSession, child: Child, one: IsolationLevel, other: IsolationLevel
) -> None:
    first, second, observer = session(one), session(other), session()
    insert = f"insert into {child.table} ({child.columns}) values "

    first.execute(f"{insert} ({child.fresh[0]})")
    second.execute(f"{insert} ({child.fresh[1]})")
    # Two serializable writers fail if one reads where the other writes, and a DELETE reads.
    if {one, other} != {IsolationLevel.SERIALIZABLE}:
        second.execute(f"delete from {child.table} where ({child.columns}) = ({child.taken})")
    between = differences(observer)
    second.commit()
    between += differences(observer)
    first.execute(f"{insert} ({child.fresh[2]})")
    first.commit()

    assert between + differences(observer) == []


# At SERIALIZABLE a DELETE conflicts with the inserts of other sessions, even without triggers.
@pytest.mark.parametrize("level", LEVELS[:2], ids=lambda level: level.name.lower())
def test_writers_of_two_collections_in_opposite_order_do_not_deadlock(
    session: NewSession, level: IsolationLevel
) -> None:
    first, second, observer = session(level), session(level), session()

    first.execute(INSERT.format("p", "agent:a1"))
    second.execute(INSERT.format("q", "skill:s1"))
    first.execute(INSERT.format("q", "skill:s2"))
    second.execute(DELETE.format("p", "skill:s1"))
    first.execute(MOVE.format("default", "skill:s3", "empty"))
    second.execute(MOVE.format("default", "skill:s4", "empty"))
    first.commit()
    second.commit()

    assert differences(observer) == []


def test_serializable_writers_of_two_collections_in_opposite_order_do_not_fail(
    session: NewSession,
) -> None:
    first, second = session(IsolationLevel.SERIALIZABLE), session(IsolationLevel.SERIALIZABLE)

    first.execute(INSERT.format("p", "agent:a1"))
    second.execute(INSERT.format("q", "skill:s1"))
    first.execute(INSERT.format("q", "skill:s2"))
    second.execute(INSERT.format("p", "agent:a2"))
    first.commit()
    second.commit()

    assert differences(first) == []


def test_a_writer_that_settled_at_once_blocks_no_session(session: NewSession) -> None:
    first, second, observer = session(), session(), session()

    for writer, artifact in ((first, "agent:a1"), (second, "agent:a2")):
        writer.execute("set constraints all immediate")
        writer.execute(INSERT.format("p", artifact))
        writer.execute(INSERT.format("empty", artifact))
    first.commit()
    second.commit()

    assert differences(observer) == []


def test_a_writer_leaves_a_count_that_another_settles_to_the_next_writer(
    session: NewSession,
) -> None:
    settler, writer, observer = session(), session(), session()
    settler.execute(
        """
        select pg_advisory_xact_lock(
            'count_changes'::regclass::oid::integer, (artifact_count_key & 63)::integer
        )
        from collections where id = 'p'
        """
    )

    writer.execute(INSERT.format("p", "agent:a1"))
    writer.commit()
    left = pending(observer, "p")
    settler.commit()
    writer.execute(INSERT.format("p", "agent:a2"))
    writer.commit()

    assert (left, pending(observer, "p"), differences(observer)) == (1, 0, [])


def pending(conn: Connection, collection: str) -> int:
    changes = (
        "select from count_changes where (parent, counter) = (%s, 'collections.artifact_count')"
    )
    return conn.execute(changes, (collection,)).rowcount


# The name is left out. It is unique, so PostgreSQL treats it as a key that foreign keys may refer
# to. An edit of it and the checks of foreign keys wait for each other, even without counts.
EDITED = ("description", "collection_type", "updated_at = now(), context_category")


@pytest.mark.parametrize("column", EDITED)
def test_a_writer_does_not_wait_for_an_uncommitted_edit_of_its_collection(
    session: NewSession, isolation: IsolationLevel, column: str
) -> None:
    editor, writer = session(), session(isolation)
    editor.execute(f"update collections set {column} = 'New' where id = 'p'")

    writer.execute(INSERT.format("p", "agent:a1"))
    writer.execute(DELETE.format("p", "skill:s1"))
    writer.commit()

    editor.commit()
    assert differences(writer) == []


@pytest.mark.parametrize("column", EDITED)
def test_an_edit_of_a_collection_does_not_wait_for_an_open_writer(
    session: NewSession, isolation: IsolationLevel, column: str
) -> None:
    writer, editor = session(isolation), session()
    writer.execute(INSERT.format("p", "agent:a1"))
    writer.execute(DELETE.format("p", "skill:s1"))

    editor.execute(f"update collections set {column} = 'New' where id = 'p'")
    editor.commit()

    writer.commit()
    assert differences(editor) == []


def test_edits_and_writes_in_opposite_order_do_not_deadlock(session: NewSession) -> None:
    first, second = session(), session()

    first.execute("update collections set description = 'New P' where id = 'p'")
    second.execute("update collections set description = 'New Q' where id = 'q'")
    first.execute(INSERT.format("q", "skill:s1"))
    second.execute(INSERT.format("p", "agent:a1"))
    first.commit()
    second.commit()

    assert differences(first) == []


@pytest.mark.parametrize("level", ABOVE, ids=lambda level: level.name.lower())
def test_a_writer_with_an_old_snapshot_does_not_fail_because_of_newer_counts(
    session: NewSession, level: IsolationLevel
) -> None:
    old, other = session(level), session()
    other.execute(INSERT.format("p", "agent:a1"))
    other.execute(DELETE.format("q", "agent:a1"))
    other.commit()

    old.execute(INSERT.format("p", "agent:a2"))
    old.execute(DELETE.format("p", "skill:s1"))
    old.execute(MOVE.format("q", "agent:a2", "empty"))
    inside = differences(old)
    old.commit()

    assert inside + differences(old) == []


@pytest.mark.xfail(
    strict=True,
    raises=errors.SerializationFailure,
    reason="a settled count is in the row of its collection",
)
def test_an_edit_with_an_old_snapshot_does_not_fail_because_of_a_count(
    session: NewSession,
) -> None:
    old, other = session(IsolationLevel.REPEATABLE_READ), session()
    other.execute(INSERT.format("p", "agent:a1"))
    other.commit()

    old.execute("update collections set description = 'new' where id = 'p'")
    old.commit()

    assert differences(old) == []


@pytest.mark.xfail(
    strict=True,
    raises=errors.SerializationFailure,
    reason="a trigger reads the key of the count from the row of the collection",
)
def test_serializable_writers_that_edit_each_others_collections_do_not_fail(
    session: NewSession,
) -> None:
    first, second = session(IsolationLevel.SERIALIZABLE), session(IsolationLevel.SERIALIZABLE)

    first.execute(DELETE.format("p", "skill:s1"))
    second.execute(DELETE.format("q", "agent:a1"))
    first.execute("update collections set description = 'new' where id = 'q'")
    second.execute("update collections set description = 'new' where id = 'p'")
    first.commit()
    second.commit()

    assert differences(first) == []


def test_the_next_writer_settles_a_pending_count(session: NewSession) -> None:
    holder, writer, observer = session(), session(), session()
    holder.execute("select from collections where id = 'p' for no key update")
    writer.execute(INSERT.format("p", "agent:a1"))
    writer.commit()
    (waiting,) = observer.execute("select count(*) from count_changes").fetchone() or (None,)
    exact = differences(observer)
    holder.commit()

    writer.execute(INSERT.format("p", "agent:a2"))
    writer.commit()

    (left,) = observer.execute("select count(*) from count_changes").fetchone() or (None,)
    assert (waiting, left, exact, differences(observer)) == (1, 0, [], [])
