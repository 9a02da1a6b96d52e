"""Keys that change while other sessions write: a session that waits has the right count after."""

from contextlib import suppress

import pytest
from psycopg import Connection, IsolationLevel, errors

from tests.concurrency.sessions import NewSession, running, wait_until_blocked
from tests.db.oracle import differences

KEYS = (
    "update collections set id = 'new' where id = 'p'",
    (
        "update collections set id = 'new' where id = 'p'; "
        "update collections set id = 'p' where id = 'new'"
    ),
    "delete from collections where id = 'p'",
    (
        "delete from collections where id = 'p';"
        "insert into collections (id, name) values ('p', 'P');"
        "insert into collection_artifacts (collection_id, artifact_id) values ('p', 'skill:s2')"
    ),
)
ABOVE = (IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE)
WRITES = (
    "insert into collection_artifacts (collection_id, artifact_id) values ('p', 'agent:a1')",
    "delete from collection_artifacts where artifact_id = 'skill:s1'",
    (
        "update collection_artifacts set collection_id = 'empty' "
        "where collection_id = 'p' and artifact_id = 'skill:s1'"
    ),
    "delete from artifacts where name = 's1'",
)
# After a rollback of either session, it is no matter how the key was to change.
EACH = [
    pytest.param(
        change,
        write,
        end,
        marks=pytest.mark.exhaustive if end == "rollback" and change != KEYS[0] else (),
    )
    for change in KEYS
    for write in WRITES
    for end in ("commit", "rollback")
]


@pytest.mark.parametrize(("change", "write", "end"), EACH)
def test_a_change_of_a_key_waits_for_a_writer_and_counts_its_rows(
    session: NewSession, observer: Connection, change: str, write: str, end: str
) -> None:
    writer, changer = session(), waiting_session(session)
    writer.execute(write)

    with running(changer, change) as changed:
        wait_until_blocked(observer, changer, by=writer, work=changed)
        between = differences(observer)
        getattr(writer, end)()
    changed.result()

    assert between + differences(observer) == []


@pytest.mark.parametrize(("change", "write", "end"), EACH)
def test_a_writer_waits_for_a_change_of_a_key_and_is_counted_or_refused(
    session: NewSession, observer: Connection, change: str, write: str, end: str
) -> None:
    changer, writer = session(), waiting_session(session)
    changer.execute(change)

    with running(writer, write) as written:
        wait_until_blocked(observer, writer, by=changer, work=written)
        between = differences(observer)
        getattr(changer, end)()
    refusal = written.exception()

    assert refusal is None or isinstance(refusal, errors.ForeignKeyViolation)
    assert between + differences(observer) == []


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("change", KEYS)
def test_a_writer_with_an_older_snapshot_is_refused_or_counted(
    session: NewSession, observer: Connection, change: str, write: str
) -> None:
    writer, changer = session(IsolationLevel.REPEATABLE_READ), session()
    changer.execute(change)
    changer.commit()

    refusal = None
    try:
        writer.execute(write)
        inside = differences(writer)
        writer.commit()
    except errors.SerializationFailure as error:
        refusal, inside = error, []

    assert (inside, differences(observer)) == ([], []), refusal


def test_a_group_replaced_before_a_deferred_check_is_counted_or_refused(
    session: NewSession, observer: Connection
) -> None:
    writer, replacer = session(), session()
    writer.execute("set constraints all deferred")
    writer.execute(
        "insert into group_artifacts (collection_id, group_id, artifact_id) "
        "values ('default', 'gp', 'skill:s4')"
    )

    with suppress(errors.LockNotAvailable):
        replacer.execute("delete from groups where id = 'gp'")
        replacer.execute(
            "insert into groups (collection_id, id, name) values ('default', 'gp', 'New')"
        )
        replacer.commit()
    with suppress(errors.ForeignKeyViolation):
        writer.commit()

    assert differences(observer) == []


def waiting_session(session: NewSession) -> Connection:
    """Return a session that waits for locks."""
    conn = session()
    conn.rollback()
    conn.execute("set lock_timeout = 0")
    conn.commit()
    return conn


# A child of the sample, and the deletion of its parent.
REMOVED = {
    "collections.artifact_count": (
        "delete from collection_artifacts where (collection_id, artifact_id) = ('p', 'skill:s1')",
        "delete from collections where id = 'p'",
    ),
    "collections.group_count": (
        "delete from groups where id = 'q3'",
        "delete from collections where id = 'q'",
    ),
    "groups.artifact_count": (
        "delete from group_artifacts where (group_id, artifact_id) = ('gp', 'skill:s1')",
        "delete from groups where id = 'gp'",
    ),
    "tags.artifact_count": (
        "delete from artifact_tags where (tag_id, artifact_id) = ('p', 'skill:s1')",
        "delete from tags where id = 'p'",
    ),
    "artifact_types.artifact_count": (
        "delete from artifacts where id = 'skill:s1'",
        "delete from artifact_types where type = 'skill'",
    ),
    "a renamed collection": (
        "delete from collection_artifacts where (collection_id, artifact_id) = ('p', 'skill:s1')",
        "update collections set id = 'new' where id = 'p'",
    ),
}


@pytest.mark.parametrize("level", ABOVE, ids=lambda level: level.name.lower())
@pytest.mark.parametrize("case", REMOVED)
def test_a_parent_whose_removed_child_the_snapshot_shows_is_not_deleted(
    session: NewSession, observer: Connection, case: str, level: IsolationLevel
) -> None:
    remove, delete = REMOVED[case]
    # This removal does not settle, so the row of the parent does not change.
    remover, deleter = session(IsolationLevel.REPEATABLE_READ), session(level)
    remover.execute(remove)
    remover.commit()

    with pytest.raises(errors.SerializationFailure) as refused:
        deleter.execute(delete)

    deleter.rollback()
    assert refused.value.diag.message_hint == "Run the transaction again."
    deleter.execute(delete)
    deleter.commit()
    assert differences(observer) == []


def test_a_collection_is_replaced_at_any_level(
    session: NewSession, observer: Connection, isolation: IsolationLevel
) -> None:
    replacer = session(isolation)

    replacer.execute(KEYS[-1])

    assert differences(replacer) == []
    replacer.commit()
    assert differences(observer) == []
