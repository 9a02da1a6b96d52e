"""The slot on the old server, the subscription on the new one, and how far it has come."""

import time
from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL, Composed, Identifier
from psycopg.sql import Literal as Quoted

from skillmeat.database.query import Conn, fetch_one, fetch_scalar, fetch_tuples
from skillmeat.errors import DatabaseError, SkillMeatError
from skillmeat.migration.environment import Report
from skillmeat.moving.publications import name_publications
from skillmeat.moving.side import Side, run

POLL_SECONDS: Final = 0.005
PATIENCE_SECONDS: Final = 1.0
QUERY_CANCELED: Final = "57014"
OBJECT_IN_USE: Final = "55006"
SLOT_ATTEMPTS: Final = 30
# A server tries to start a worker again after five seconds, unless it is configured otherwise.
WORKER_SECONDS: Final = 30.0

# A slot is lost if the server has had to remove what it holds of the log.
HAS_SLOT: Final = """
    select exists (
        select from pg_replication_slots
        where slot_name = %(slot)s and wal_status is distinct from 'lost'
    )
"""
SLOTS: Final = """
    select slot_name from pg_replication_slots
    where database = current_database() and starts_with(slot_name, %(prefix)s)
"""
CREATE_SLOT: Final = "select pg_create_logical_replication_slot(%(slot)s, 'pgoutput')"
DROP_SLOT: Final = "select pg_drop_replication_slot(%(slot)s)"
# A slot waits for the end of each transaction that has written.
WRITING: Final = """
    select string_agg(w.who, ', ')
    from (
        select 'process ' || s.pid || coalesce(', user ' || s.usename, '')
        from pg_stat_activity as s
        where s.backend_xid is not null and s.pid <> pg_backend_pid()
        union all
        select 'the prepared transaction ' || quote_literal(p.gid) from pg_prepared_xacts as p
    ) as w (who)
"""
HAS_SUBSCRIPTION: Final = """
    select exists (
        select from pg_subscription as s
        inner join pg_database as d on d.oid = s.subdbid
        where s.subname = %(name)s and d.datname = current_database()
    )
"""
# With a slot of its own making, a subscription to a database of the same server would wait for
# itself.
SUBSCRIBE: Final = SQL("""
    create subscription {} connection {} publication {}, {}
    with (create_slot = false, slot_name = {}, enabled = {})
""")
# The server then reports a row as soon as it has applied it, not up to 0.2 s later.
APPLY_DURABLY: Final = SQL("alter subscription {} set (synchronous_commit = local)")
RECONNECT: Final = SQL("alter subscription {} connection {}")
DISABLE: Final = SQL("alter subscription {} disable")
RELEASE_SLOT: Final = SQL("alter subscription {} set (slot_name = none)")
UNSUBSCRIBE: Final = SQL("drop subscription {}")
PROGRESS: Final = """
    select
        coalesce(bool_and(s.subenabled), false) as is_enabled,
        count(*) filter (where r.srsubstate <> 'r') as copying,
        count(*) as tables,
        (
            select coalesce(sum(p.tuples_processed), 0)::bigint
            from pg_stat_progress_copy as p
            where p.datname = current_database() and p.relid = any (array_agg(r.srrelid))
        ) as rows,
        (
            select coalesce(sum(e.apply_error_count + e.sync_error_count), 0)::bigint
            from pg_stat_subscription_stats as e
            where e.subid = any (array_agg(s.oid))
        ) as failures,
        exists (
            select from pg_stat_subscription as w
            where
                w.subid = any (array_agg(s.oid))
                and w.relid is null
                -- A worker that cannot connect lives for a moment, again and again.
                and w.received_lsn is not null
        ) as receives
    from pg_subscription as s
    inner join pg_subscription_rel as r on r.srsubid = s.oid
    inner join pg_database as d on d.oid = s.subdbid and d.datname = current_database()
    where s.subname = %(name)s
"""
# The message and its commit follow every commit of before, and are flushed to the disk.
MARK: Final = "select pg_logical_emit_message(true, 'skillmeat', 'position')"
REACHED: Final = """
    select coalesce(confirmed_flush_lsn >= %(position)s::pg_lsn, false)
    from pg_replication_slots
    where slot_name = %(slot)s
"""
LAG: Final = """
    select pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint
    from pg_replication_slots
    where slot_name = %(slot)s
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """Whether the subscription is enabled and applied, and how far its initial copy has come.

    `copying` of the `tables` are still copied; `rows` are those of the running copies. `receives`
    says whether a worker has received anything from the old server.
    """

    is_enabled: bool
    copying: int
    tables: int
    rows: int
    failures: int
    receives: bool


def name_slot(identity: str, move: str) -> str:
    """Name the slot of a move, which no other catalogue of the server has."""
    return f"{_slot_prefix(identity)}{move}"


def has_slot(conn: Conn, slot: str) -> bool:
    """Return whether the server has the slot, and all of the log from there on."""
    return bool(fetch_scalar(conn, HAS_SLOT, {"slot": slot}))


def create_slot(conn: Conn, slot: str, *, report: Report) -> None:
    """Create the slot; report the writing transactions for which it waits."""
    reported = None
    while True:
        try:
            # Outside a transaction of its own, the slot would refuse to be created.
            run(conn, f"set statement_timeout = '{PATIENCE_SECONDS} s'".encode())
            fetch_scalar(conn, CREATE_SLOT, {"slot": slot})
        except DatabaseError as error:
            if error.sqlstate != QUERY_CANCELED:
                raise
        else:
            return
        finally:
            run(conn, "set statement_timeout = 0")
        writing = fetch_scalar(conn, WRITING, {})
        if writing and writing != reported:
            report(f"waiting for the end of older transactions: {writing}")
            reported = writing


def drop_slots(conn: Conn, identity: str) -> None:
    """Drop every slot of this catalogue's moves, once their senders have ended."""
    for (slot,) in fetch_tuples(conn, SLOTS, {"prefix": _slot_prefix(identity)}):
        for attempt in range(1, SLOT_ATTEMPTS + 1):
            try:
                fetch_scalar(conn, DROP_SLOT, {"slot": slot})
                break
            except DatabaseError as error:
                if error.sqlstate != OBJECT_IN_USE or attempt == SLOT_ATTEMPTS:
                    raise
            time.sleep(PATIENCE_SECONDS / 10)


def has_subscription(conn: Conn, schema: str) -> bool:
    """Return whether the database has the subscription of a move of this schema."""
    return bool(fetch_scalar(conn, HAS_SUBSCRIPTION, {"name": _name_subscription(schema)}))


def try_to_subscribe(side: Side, *, publisher: str) -> None:
    """Let the server connect to `publisher` as its subscription will, and keep nothing."""
    with side.conn.transaction(force_rollback=True):
        run(side.conn, _subscribe(side.schema, publisher, slot=None))


def subscribe(side: Side, *, publisher: str, slot: str) -> None:
    """Create the subscription, which begins with a copy of all rows."""
    run(side.conn, _subscribe(side.schema, publisher, slot=slot))


def resubscribe(side: Side, *, publisher: str) -> None:
    """Let the subscription of an earlier run, if there is one, go on with this publisher."""
    if has_subscription(side.conn, side.schema):
        name = Identifier(_name_subscription(side.schema))
        run(side.conn, RECONNECT.format(name, Quoted(publisher)))


def apply_durably(side: Side) -> None:
    """Let the server confirm each transaction as soon as it has applied it."""
    run(side.conn, APPLY_DURABLY.format(Identifier(_name_subscription(side.schema))))


def unsubscribe(side: Side) -> None:
    """Drop the subscription, if there is one, also without the other server; keep its slot."""
    if has_subscription(side.conn, side.schema):
        for statement in (DISABLE, RELEASE_SLOT, UNSUBSCRIBE):
            run(side.conn, statement.format(Identifier(_name_subscription(side.schema))))


def read_progress(side: Side) -> Progress:
    """Return whether the new server receives, and how far the initial copy has come."""
    name = {"name": _name_subscription(side.schema)}
    return fetch_one(side.conn, Progress, PROGRESS, name)


def read_lag(conn: Conn, slot: str) -> int:
    """Return how many bytes of the old server's log are not applied yet."""
    return int(fetch_scalar(conn, LAG, {"slot": slot}) or 0)


def mark_position(conn: Conn) -> str:
    """Return a position in the log after every commit so far, flushed to the disk."""
    return str(fetch_scalar(conn, MARK, {}))


def catch_up(conn: Conn, slot: str, position: str, *, seconds: float) -> bool:
    """Wait until all commits up to `position` are applied and durable; return whether they are."""
    deadline = time.monotonic() + seconds
    while not fetch_scalar(conn, REACHED, {"position": position, "slot": slot}):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


class SubscriptionMonitor:
    """A monitor of a subscription, which ends a wait for it that cannot succeed."""

    def __init__(self, old: Side, new: Side, slot: str) -> None:
        self._old = old
        self._new = new
        self._slot = slot
        self._most_failures = read_progress(new).failures + SLOT_ATTEMPTS
        self._worked_at = time.monotonic()

    def check(self) -> Progress:
        """Return how far the new copy has come.

        Raises `SkillMeatError` if it keeps failing, or receives nothing any more.
        """
        progress = read_progress(self._new)
        if progress.failures > self._most_failures:
            message = (
                f"the server at {self._new.place} cannot copy or apply what it receives: its log "
                "says why; correct that and run this again, or give up with --abort"
            )
            raise SkillMeatError(message)
        if not (progress.is_enabled and has_slot(self._old.conn, self._slot)):
            message = (
                "the new copy receives nothing any more: its subscription at "
                f"{self._new.place} is disabled, or its slot at {self._old.place} is lost: give up "
                "with --abort, then run this again"
            )
            raise SkillMeatError(message)
        now = time.monotonic()
        if progress.receives:
            self._worked_at = now
        elif now - self._worked_at > WORKER_SECONDS:
            message = (
                f"the server at {self._new.place} runs no worker for the subscription, or does not "
                "reach the old server: its log says why, such as too few max_worker_processes, or "
                "a wrong --publisher; correct that and run this again"
            )
            raise SkillMeatError(message)
        return progress


def _slot_prefix(identity: str) -> str:
    _, database, schema = identity.split("/")
    return f"skillmeat_{database}_{schema}_"


def _name_subscription(schema: str) -> str:
    return name_publications(schema)[0]


def _subscribe(schema: str, publisher: str, *, slot: str | None) -> Composed:
    return SUBSCRIBE.format(
        Identifier(_name_subscription(schema)),
        Quoted(publisher),
        *map(Identifier, name_publications(schema)),
        SQL("none") if slot is None else Quoted(slot),
        SQL("false") if slot is None else SQL("true"),
    )
