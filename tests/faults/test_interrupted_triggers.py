"""A statement that is interrupted in a trigger is undone as a whole; other sessions continue."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from psycopg import Connection, errors

import skillmeat
from tests.catalogue.sessions import SECONDS
from tests.db.oracle import differences
from tests.faults.state import contents
from tests.faults.stopping_points import blocked_at, cancel, wait_until_blocked


@dataclass(frozen=True, slots=True)
class Trigger:
    """The lock that blocks a trigger, and an earlier statement that the lock does not block."""

    lock: str
    before: str


TRIGGERS = {
    "counting": Trigger(
        lock="lock table count_changes in share mode",
        before="update artifacts set title = 'before' where name = 's2'",
    ),
    "logging": Trigger(
        lock="lock table artifact_changes in share mode",
        before="insert into groups (collection_id, name) values ('q', 'before')",
    ),
}
STATEMENTS = {
    "a membership": (
        "insert into collection_artifacts (collection_id, artifact_id) values ('p', 'agent:a1')"
    ),
    "a cascade": "delete from artifacts where name = 's1'",
    "a move": "update collection_artifacts set collection_id = 'empty' where collection_id = 'q'",
}
# A settling commit waits for no lock of a table, so a trigger stops it.
GATE = """
create function pass_gate() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(1);
    return new;
end;
$$;

create trigger pass_gate before update of artifact_count on collections
for each row execute function pass_gate();
"""
INTERRUPTS = {
    "cancel": "select",
    "lock_timeout": "set lock_timeout = '10ms'",
    "statement_timeout": "set statement_timeout = '100ms'",
}
LATER = "delete from collection_artifacts where artifact_id = 'agent:a3'"
INTERRUPTED = (errors.QueryCanceled, errors.LockNotAvailable)


@pytest.fixture(params=TRIGGERS)
def trigger(request: pytest.FixtureRequest) -> Trigger:
    """Return each kind of trigger, one for each test."""
    return TRIGGERS[request.param]


@pytest.fixture(
    params=[
        "a cascade",
        pytest.param("a membership", marks=pytest.mark.exhaustive),
        pytest.param("a move", marks=pytest.mark.exhaustive),
    ]
)
def statement(request: pytest.FixtureRequest) -> str:
    """Return each statement, one for each test, with its work at commit."""
    return STATEMENTS[request.param]


@pytest.fixture
def gate(observer: Connection) -> Iterator[Trigger]:
    """Create the trigger that stops a commit while it settles."""
    observer.execute(GATE)
    yield Trigger(lock="select pg_advisory_xact_lock(1)", before="")
    observer.execute("drop function pass_gate cascade")


@pytest.mark.parametrize("how", INTERRUPTS)
def test_an_interrupted_statement_in_autocommit_changes_nothing(
    sample_url: str, observer: Connection, trigger: Trigger, statement: str, how: str
) -> None:
    before = contents(observer)

    with skillmeat.connect(sample_url, autocommit=True) as conn:
        interrupt(sample_url, observer, conn, how=how, trigger=trigger, statement=statement)

    assert (contents(observer), differences(observer)) == (before, [])


@pytest.mark.parametrize("how", INTERRUPTS)
def test_an_interrupted_statement_undoes_its_transaction(
    sample_url: str, observer: Connection, trigger: Trigger, statement: str, how: str
) -> None:
    before = contents(observer)

    with skillmeat.connect(sample_url) as conn:
        conn.execute(trigger.before)
        interrupt(sample_url, observer, conn, how=how, trigger=trigger, statement=statement)
        conn.commit()  # which rolls back

    assert (contents(observer), differences(observer)) == (before, [])


@pytest.mark.parametrize("how", INTERRUPTS)
def test_an_interrupted_statement_keeps_what_was_done_before_its_savepoint(
    sample_url: str, observer: Connection, trigger: Trigger, statement: str, how: str
) -> None:
    expected = contents_of_other_statements(sample_url, trigger)

    with skillmeat.connect(sample_url) as conn:
        conn.execute(trigger.before)
        conn.execute("savepoint s")
        interrupt(sample_url, observer, conn, how=how, trigger=trigger, statement=statement)
        conn.execute("rollback to s")
        conn.execute(LATER)
        conn.commit()

    assert (contents(observer), differences(observer)) == (expected, [])


# A commit has no statement_timeout in PostgreSQL.
@pytest.mark.parametrize("how", ["cancel", "lock_timeout"])
def test_a_commit_interrupted_while_it_settles_is_rolled_back(
    sample_url: str, observer: Connection, gate: Trigger, how: str
) -> None:
    before = contents(observer)

    with skillmeat.connect(sample_url) as conn:
        conn.execute(STATEMENTS["a membership"])
        interrupt(sample_url, observer, conn, how=how, trigger=gate, statement="commit")

    assert (contents(observer), differences(observer)) == (before, [])


def interrupt(  # noqa: PLR0913 - the sessions, the place and the fault
    url: str, observer: Connection, conn: Connection, *, how: str, trigger: Trigger, statement: str
) -> None:
    """Run a statement that blocks in a trigger, and interrupt it in the trigger."""
    conn.execute(INTERRUPTS[how])
    with blocked_at(url, trigger.lock) as holder, ThreadPoolExecutor(1) as pool:
        work = pool.submit(conn.execute, statement)
        if how == "cancel":
            cancel(observer, wait_until_blocked(observer, by=holder, work=work))
        failed = work.exception(timeout=SECONDS)
    assert isinstance(failed, INTERRUPTED)


def contents_of_other_statements(url: str, trigger: Trigger) -> object:
    with skillmeat.connect(url) as conn:
        conn.execute(trigger.before)
        conn.execute(LATER)
        found = contents(conn)
        conn.rollback()
        return found
