"""The handover: keep writers waiting, let the new copy catch up, then change places.

The commit that closes the old copy decides. Before it, the old copy is the only writable one; after
it, the new copy is the truth, and any later run opens it.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Final

from psycopg.sql import SQL, Identifier

from skillmeat.database.query import Conn, fetch_scalar, fetch_tuples
from skillmeat.errors import DatabaseError, Retry, SkillMeatError
from skillmeat.moving.comparison import compare_copies
from skillmeat.moving.fence import Fence, close_copy, lock_tables, open_copy
from skillmeat.moving.publications import list_copied_tables
from skillmeat.moving.replication import (
    QUERY_CANCELED,
    SubscriptionMonitor,
    catch_up,
    mark_position,
    read_lag,
)
from skillmeat.moving.request import MoveRequest
from skillmeat.moving.side import Side, open_snapshot, run

# Writers wait for at most this long, for the lock as LIMIT_HOLDING says, and for a few statements.
CATCH_UP_SECONDS: Final = 0.3
REST_SECONDS: Final = 1.0
ATTEMPTS: Final = 60

# A deadlock that these locks cause is found here first, so that no writer fails; an autovacuum
# worker, which holds its table, is canceled as soon. Only a superuser may set it.
FIND_DEADLOCKS: Final = """
    select set_config('deadlock_timeout', '20ms', true)
    where has_parameter_privilege('deadlock_timeout', 'SET')
"""
# If this program stops, the server ends the transaction, and writers go on.
LIMIT_HOLDING: Final = """
    set local statement_timeout = '600ms';
    set local lock_timeout = 0;
    set local idle_in_transaction_session_timeout = '4s';
    set local synchronous_commit = on
"""
UNLIMITED: Final = "set local statement_timeout = 0"
HOLDERS: Final = """
    select string_agg(distinct coalesce(
        'process ' || l.pid || coalesce(', user ' || s.usename, ''),
        'the prepared transaction ' || quote_literal(p.gid)
    ), '; ')
    from pg_locks as l
    left join pg_stat_activity as s on s.pid = l.pid
    left join pg_prepared_xacts as p on l.virtualtransaction = '-1/' || p.transaction
    where
        l.locktype = 'relation'
        and l.granted
        and l.mode in ('RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareRowExclusiveLock')
        and l.database = (select d.oid from pg_database as d where d.datname = current_database())
        and l.relation = any (%(tables)s::regclass[])
        and l.pid is distinct from pg_backend_pid()
"""
SEQUENCES: Final = """
    select s.sequencename::text, s.last_value
    from pg_sequences as s
    where s.schemaname = current_schema() and s.last_value is not null
"""
# The new copy may have drawn numbers of its own: the later one counts.
ADVANCE: Final = SQL("""
    select setval(%(name)s::regclass, greatest(%(value)s, s.last_value)) from {} as s
""")


@dataclass(frozen=True, slots=True)
class Sides:
    """Both copies of one move, with its fence and its slot."""

    old: Side
    new: Side
    fence: Fence
    slot: str
    request: MoveRequest


def advance_sequences(sides: Sides) -> None:
    """Set each sequence of the new copy past the numbers that either copy has drawn."""
    for name, value in fetch_tuples(sides.old.conn, SEQUENCES, {}):
        parameters = {"name": f'"{name}"', "value": value}
        fetch_scalar(sides.new.conn, ADVANCE.format(Identifier(name)), parameters)


def rehearse(sides: Sides) -> None:
    """Pause the writers as the handover does, and compare both copies as of that moment."""
    with ExitStack() as snapshots:
        with _try_to_pause(sides):
            old = snapshots.enter_context(open_snapshot(sides.old))
            new = snapshots.enter_context(open_snapshot(sides.new))
        compare_copies(old, new, report=sides.request.report)


def hand_over(sides: Sides) -> float:
    """Close the old copy, open the new one and switch the clients, while the writers wait.

    Then compare both copies as of that moment. Return for how many seconds the writers waited.
    """
    with ExitStack() as snapshots:
        with _try_to_pause(sides) as pause:
            closed = replace(
                sides.fence, state="closed", other=sides.new.read_identity(), where=sides.new.place
            )
            close_copy(pause.holder, closed)
            run(pause.holder, "commit")
            old, new = snapshots.enter_context(_open_new_copy(sides))
            sides.request.clients.lead_to(sides.new)
        seconds = time.monotonic() - pause.begun
        compare_copies(old, new, report=sides.request.report)
    return seconds


def complete_handover(sides: Sides) -> None:
    """Do what is left of a handover that was interrupted after it had closed the old copy."""
    with ExitStack() as snapshots:
        with sides.request.clients.hold():
            old, new = snapshots.enter_context(_open_new_copy(sides))
            sides.request.clients.lead_to(sides.new)
        compare_copies(old, new, report=sides.request.report)


@contextmanager
def _open_new_copy(sides: Sides) -> Iterator[tuple[Conn, Conn]]:
    """Open the new copy of a closed one, and yield a snapshot of each as of before that."""
    position = mark_position(sides.old.conn)
    if not catch_up(sides.old.conn, sides.slot, position, seconds=REST_SECONDS):
        sides.request.report(f"waiting until {sides.new.place} has applied the last changes")
        _follow(sides, position)
    with open_snapshot(sides.old) as old, open_snapshot(sides.new) as new:
        advance_sequences(sides)
        open_copy(sides.new.conn, replace(sides.fence, state="open"))
        yield old, new


def _follow(sides: Sides, position: str | None = None) -> None:
    """Wait until the new copy has all commits up to `position`, or else follows closely.

    Raises `SkillMeatError` if it cannot.
    """
    old, slot = sides.old.conn, sides.slot
    monitor = SubscriptionMonitor(sides.old, sides.new, slot)
    while not catch_up(old, slot, position or mark_position(old), seconds=CATCH_UP_SECONDS):
        monitor.check()
        sides.request.on_progress("bytes behind", read_lag(old, slot), None)


@dataclass(frozen=True, slots=True)
class _Pause:
    """The session that keeps the writers waiting, and since when."""

    holder: Conn
    begun: float


@contextmanager
def _try_to_pause(sides: Sides) -> Iterator[_Pause]:
    """Pause the writers, in as many attempts as it takes; see `_pause`."""
    with ExitStack() as paused:
        for attempt in range(1, ATTEMPTS + 1):
            # Before the pause: writers must not wait for a copy that is behind, or gone.
            _follow(sides)
            try:
                pause = paused.enter_context(_pause(sides))
                break
            except Retry as error:
                if attempt == ATTEMPTS:
                    message = f"{error}: run this again when they have ended"
                    raise SkillMeatError(message) from error
                sides.request.report(f"{error}: writers go on, trying again")
            time.sleep(REST_SECONDS)
        yield pause


@contextmanager
def _pause(sides: Sides) -> Iterator[_Pause]:
    """Keep writers waiting during the block, once the new copy has all that they committed.

    At the end of the block they go on, unless the session has committed. Raises `Retry` if that
    would take too long.
    """
    with sides.old.connect() as holder:
        begun = time.monotonic()
        with sides.request.clients.hold():
            fetch_scalar(holder, FIND_DEADLOCKS, {})
            run(holder, LIMIT_HOLDING)
            _lock(sides, holder)
            run(holder, UNLIMITED)
            position = mark_position(sides.old.conn)
            if not catch_up(sides.old.conn, sides.slot, position, seconds=CATCH_UP_SECONDS):
                message = f"the new copy was not up to date within {CATCH_UP_SECONDS} s"
                raise Retry(message)
            yield _Pause(holder, begun)
            holder.rollback()


def _lock(sides: Sides, holder: Conn) -> None:
    try:
        lock_tables(holder)
    except DatabaseError as error:
        if not (isinstance(error, Retry) or error.sqlstate == QUERY_CANCELED):
            raise
        tables = {"tables": [f'"{each}"' for each in list_copied_tables()]}
        holders = fetch_scalar(sides.old.conn, HOLDERS, tables) or "transactions that have ended"
        message = f"tables are locked by {holders}"
        raise Retry(message) from error
