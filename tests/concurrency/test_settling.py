"""Only a commit settles a count: no other command keeps the row of a collection locked."""

from collections.abc import Iterator

import pytest
from psycopg import Connection

from tests.concurrency.sessions import NewSession
from tests.concurrency.test_no_waiting import INSERT, pending
from tests.db.oracle import differences

ADD = INSERT.format("p", "agent:a1")
ADD_ANOTHER = INSERT.format("p", "agent:a2")
EDIT = "update collections set description = 'New' where id = 'p'"
IMMEDIATE = "set constraints all immediate"
HIDDEN = "execute 'set con' || 'straints all immediate';"

# Each fires the settling trigger inside the transaction, as Django and Rails do.
BEFORE_THE_COMMIT = {
    "before the write": (IMMEDIATE, ADD),
    "after the write": (ADD, IMMEDIATE),
    "between writes": (ADD, IMMEDIATE, "set constraints all deferred", ADD_ANOTHER),
    "by the name of the trigger": (ADD, "set constraints count_changes_settle immediate"),
    "with a comment": (ADD, "/* check */ SET/* all */CONSTRAINTS ALL IMMEDIATE"),
    "in one message": (f"{ADD}; {IMMEDIATE}; select 1",),
    "in a DO block": (ADD, f"do $$ begin {IMMEDIATE}; end $$"),
    "in dynamic SQL": (ADD, f"do $$ begin {HIDDEN} end $$"),
    "in a function": (
        f"create function pg_temp.check_now() returns void language sql as '{IMMEDIATE}'",
        ADD,
        "select pg_temp.check_now()",
    ),
    "before a savepoint ends": (f"{IMMEDIATE}; savepoint s", ADD, "release s"),
}

COMMITS = {
    "in autocommit": (ADD,),
    "explicitly": (f"begin; {ADD}", "commit"),
    "with a comment": ("begin", ADD, "/* request 7 */ COMMIT AND NO CHAIN -- the end"),
    "by end": ("begin", ADD, "end"),
    "of a chain": ("begin", ADD, "commit and chain", "rollback"),
    "in a DO block": (f"do $$ begin {ADD}; commit; end $$",),
    "in a procedure": (
        (
            "create procedure pg_temp.add() language plpgsql as "
            f"$$ begin commit; {ADD}; commit; {ADD_ANOTHER}; commit; end $$"
        ),
        "call pg_temp.add()",
    ),
    "after a deferral": ("begin", "set constraints all deferred", ADD, "commit"),
}


@pytest.mark.parametrize("how", BEFORE_THE_COMMIT)
@pytest.mark.parametrize("prepare", [False, True], ids=["simple", "prepared"])
def test_an_edit_does_not_wait_for_constraints_that_are_checked_early(
    session: NewSession, how: str, *, prepare: bool
) -> None:
    writer, editor = session(), session()
    for statement in BEFORE_THE_COMMIT[how]:
        writer.execute(statement, prepare=prepare and ";" not in statement.rstrip(";"))

    editor.execute(EDIT)
    inside = differences(writer)
    editor.commit()
    writer.commit()

    assert inside + differences(editor) == []


def test_checking_constraints_early_causes_no_deadlock(session: NewSession) -> None:
    first, second = session(), session()
    first.execute(IMMEDIATE)
    second.execute(IMMEDIATE)

    first.execute(INSERT.format("p", "agent:a1"))
    second.execute(INSERT.format("q", "skill:s1"))
    first.execute("update collections set description = 'New' where id = 'q'")
    second.execute("update collections set description = 'New' where id = 'p'")
    first.commit()
    second.commit()

    assert differences(first) == []


@pytest.mark.parametrize("how", COMMITS)
@pytest.mark.parametrize("prepare", [False, True], ids=["simple", "prepared"])
def test_every_kind_of_commit_settles(
    session: NewSession, observer: Connection, how: str, *, prepare: bool
) -> None:
    writer = session()
    writer.rollback()
    writer.autocommit = True

    for statement in COMMITS[how]:
        writer.execute(statement, prepare=prepare and not statement.startswith("begin; "))

    assert (pending(observer, "p"), differences(observer)) == (0, [])


def test_a_long_command_leaves_its_counts_to_the_next_writer(
    session: NewSession, observer: Connection
) -> None:
    writer = session()
    writer.rollback()
    writer.autocommit = True

    writer.execute(f"{ADD} /* {'as a dump with its values in the text ' * 300}*/")
    left = pending(observer, "p")
    between = differences(observer)
    writer.execute(ADD_ANOTHER)

    assert (left, pending(observer, "p"), between + differences(observer)) == (1, 0, [])


@pytest.fixture
def prepared(session: NewSession, observer: Connection) -> Iterator[Connection]:
    """Yield a session that has prepared a transaction; roll it back if the test did not end it."""
    if observer.execute("show max_prepared_transactions").fetchone() == ("0",):
        pytest.skip("set max_prepared_transactions on the server to test two-phase commit")
    writer = session()
    writer.rollback()
    writer.autocommit = True
    writer.execute("begin")
    writer.execute(ADD)
    writer.execute("prepare transaction 'p'")
    yield writer
    if observer.execute("select from pg_prepared_xacts where gid = 'p'").rowcount:
        writer.execute("rollback prepared 'p'")


@pytest.mark.parametrize("end", ["commit prepared 'p'", "rollback prepared 'p'"])
def test_a_prepared_transaction_keeps_no_collection_locked(
    session: NewSession, observer: Connection, prepared: Connection, end: str
) -> None:
    editor = session()

    editor.execute(EDIT)
    editor.execute(ADD_ANOTHER)
    editor.commit()
    locks = observer.execute("select from pg_locks where locktype = 'advisory'").rowcount
    between = differences(observer)
    prepared.execute(end)
    after = differences(observer)
    editor.execute(INSERT.format("p", "agent:a3"))
    editor.commit()

    assert (locks, between + after, pending(observer, "p")) == (0, [], 0)


def test_a_statement_that_changes_many_counts_settles_those_that_are_not_locked(
    session: NewSession, observer: Connection
) -> None:
    observer.execute(
        "insert into collections (id, name) select i, i from generate_series(1, 300) i"
    )
    editor, writer = session(), session()
    editor.execute("update collections set description = 'New' where id = '7'")

    writer.execute(
        "insert into collection_artifacts (collection_id, artifact_id) "
        "select i, 'skill:s1' from generate_series(1, 300) as i"
    )
    inside = differences(writer)
    writer.commit()
    left = pending(observer, "7"), pending(observer, "8")
    between = differences(observer)
    editor.commit()
    writer.execute(
        "update collection_artifacts set artifact_id = 'skill:s2' where collection_id ~ '^[1-9]'"
    )
    writer.execute("delete from collection_artifacts where artifact_id in ('skill:s1', 'skill:s2')")
    inside += differences(writer)
    writer.commit()

    assert (left, inside + between + differences(observer)) == ((1, 0), [])
    assert observer.execute("select from count_changes").rowcount == 0
