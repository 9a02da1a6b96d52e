"""The fence: triggers that refuse every write to a copy, the owner's and a superuser's included.

The transaction that creates a table of the new copy fences it; the old copy is fenced from the
switch on. The fence of the new copy lets logical replication through: no trigger fires for it.
"""

import json
import time
from dataclasses import asdict, dataclass
from typing import Final, Literal

from psycopg.sql import SQL, Composable, Identifier
from psycopg.sql import Literal as Quoted

from skillmeat.database.query import Conn, fetch_scalar, fetch_tuples
from skillmeat.errors import Retry, SkillMeatError
from skillmeat.models import Base
from skillmeat.moving.publications import INSERT_ONLY_TABLES, join_names, list_copied_tables
from skillmeat.moving.side import run

State = Literal["filling", "open", "closed", "reopened"]

# 57P03, cannot_connect_now: clients and their pools take it for a reason to connect again, and the
# service file or the pooler then leads them to the new copy.
REFUSE: Final = SQL("""
    create or replace function refuse_writes()
        returns trigger
        language plpgsql
        set search_path from current
    as $function$
    begin
        if {refuses} then
            raise cannot_connect_now using message = {message}, hint = {hint};
        end if;

        return null;
    end;
    $function$
""")
ALWAYS: Final = SQL("true")
NEVER: Final = SQL("false")
COMMENT: Final = SQL("comment on function refuse_writes() is {}")
FENCE: Final = SQL("""
    create or replace trigger refuse_writes
        before insert or update or delete or truncate on {}
        for each statement execute function refuse_writes()
""")
# Fires in a session with session_replication_role = replica, too.
FIRE_ALWAYS: Final = SQL("alter table {} enable always trigger refuse_writes")
LOCK: Final = SQL("lock table {} in share row exclusive mode")
TRUNCATE: Final = SQL("truncate {}")
READ: Final = "select obj_description(to_regprocedure('refuse_writes()'), 'pg_proc')"
FENCED: Final = """
    select c.relname
    from pg_trigger as t
    inner join pg_class as c on c.oid = t.tgrelid
    where t.tgfoid = to_regprocedure('refuse_writes()')
    order by 1
"""
# A later revision finds the tables of an earlier one fenced, and must not wait for their readers.
UNFENCED: Final = """
    select c.relname::text
    from pg_class as c
    where
        c.relnamespace = to_regnamespace(quote_ident(current_schema()))
        and c.relname = any (%(tables)s)
        and not exists (
            select from pg_trigger as t where t.tgrelid = c.oid and t.tgname = 'refuse_writes'
        )
"""
DROP_TRIGGER: Final = SQL("drop trigger refuse_writes on {}")
DROP_FUNCTION: Final = "drop function if exists refuse_writes()"
DROP_FUNCTION_CASCADE: Final = "drop function if exists refuse_writes() cascade"
LIMIT_LOCKS: Final = "set local lock_timeout = '200ms'"
# A killed program may have sent a COMMIT that its session has not run yet: the next run waits here.
GATE: Final = (
    "select pg_advisory_xact_lock(hashtext('skillmeat fence'), hashtext(current_schema()))"
)
# A refresh writes filler to the logs, to give them pages. Their other writers write to a fenced
# table as well, or settle, which updates one.
LOGS: Final = frozenset({"count_changes", *INSERT_ONLY_TABLES})
# A long reader holds its tables; between two attempts, those that wait behind the lock go on.
ATTEMPTS: Final = 300
REST_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Fence:
    """What a fence says: the state of its copy, the move, the other copy, and where that is."""

    state: State
    move: str
    other: str
    where: str


def read_fence(conn: Conn) -> Fence | None:
    """Return the fence of a copy, None if it has none."""
    comment = fetch_scalar(conn, READ, {})
    return None if comment is None else Fence(**json.loads(comment))


def wait_for_fencing(conn: Conn) -> None:
    """Wait for the end of each transaction that opens or closes the copy."""
    with conn.transaction():
        run(conn, GATE)


def lock_tables(conn: Conn) -> None:
    """Wait for every writer to end, prepared transactions included, and keep new ones waiting.

    The order is that of the foreign keys, as writers and their cascades have it, then of the logs
    that triggers append to. A writer of another order meets a deadlock, which ends this attempt.
    """
    copied = {*list_copied_tables()}
    ordered = [each.name for each in Base.metadata.sorted_tables if each.name in copied - LOGS]
    run(conn, LOCK.format(join_names((*ordered, *sorted(copied & LOGS)))))


def fence_created_tables(conn: Conn, fence: Fence) -> None:
    """Fence what a migration has created, in its transaction; only its session may write there."""
    _refuse_early_writes(
        conn, fence, refuses=SQL("pg_backend_pid() <> {}").format(conn.info.backend_pid)
    )
    tables = {"tables": list(_list_fenced_tables())}
    for (table,) in fetch_tuples(conn, UNFENCED, tables):
        run(conn, FENCE.format(Identifier(table)))


def fence_empty_copy(conn: Conn, fence: Fence) -> None:
    """Empty a copy and fence it, in one transaction.

    Raises `SkillMeatError`, and keeps the rows, unless its tables were created under this fence.
    """
    with conn.transaction():
        lock_tables(conn)
        if read_fence(conn) != fence:
            message = (
                "another program has created a catalogue in the schema of the new copy: "
                "drop that, or move to another database"
            )
            raise SkillMeatError(message)
        run(conn, DROP_FUNCTION_CASCADE)
        # In this order: the second TRUNCATE logs that everything has changed.
        run(conn, TRUNCATE.format(join_names(INSERT_ONLY_TABLES)))
        run(conn, TRUNCATE.format(join_names(list_copied_tables())))
        _refuse_early_writes(conn, fence, refuses=ALWAYS)
        _create_triggers(conn, FENCE)


def close_copy(conn: Conn, fence: Fence) -> None:
    """Fence the old copy in the caller's transaction, which has locked its tables."""
    run(conn, GATE)
    _define(
        conn,
        fence,
        refuses=ALWAYS,
        message=f"the catalogue has moved to {fence.where}",
        hint="Connect there, then run the transaction again.",
    )
    _create_triggers(conn, FENCE, FIRE_ALWAYS)


def open_copy(conn: Conn, fence: Fence) -> None:
    """Let every write through, at once and without a lock on any table.

    The state of the fence is `open` for the new copy, and `reopened` for the old one.
    """
    with conn.transaction():
        run(conn, GATE)
        _define(conn, fence, refuses=NEVER, message="", hint="")


def remove_fence(conn: Conn) -> None:
    """Drop the triggers of an open copy, one table at a time, then their function.

    No reader waits for more than a moment. Raises `SkillMeatError` if a reader holds a table for
    long.
    """
    for (table,) in fetch_tuples(conn, FENCED, {}):
        _drop_trigger(conn, table)
    run(conn, DROP_FUNCTION)


def _create_triggers(conn: Conn, *statements: SQL) -> None:
    for table in _list_fenced_tables():
        for statement in statements:
            run(conn, statement.format(Identifier(table)))


def _list_fenced_tables() -> tuple[str, ...]:
    return tuple(table for table in list_copied_tables() if table not in LOGS)


def _drop_trigger(conn: Conn, table: str) -> None:
    for _ in range(ATTEMPTS):
        try:
            with conn.transaction():
                run(conn, LIMIT_LOCKS)
                run(conn, DROP_TRIGGER.format(Identifier(table)))
        except Retry:
            time.sleep(REST_SECONDS)
        else:
            return
    message = (
        f"the copy is open, but a long transaction holds {table}, from which a trigger is still to "
        "be dropped: run this again when it has ended"
    )
    raise SkillMeatError(message)


def _refuse_early_writes(conn: Conn, fence: Fence, *, refuses: Composable) -> None:
    _define(
        conn,
        fence,
        refuses=refuses,
        message=f"this copy of the catalogue is still being moved here from {fence.where}",
        hint="Connect to the old copy until the move is complete.",
    )


def _define(conn: Conn, fence: Fence, *, refuses: Composable, message: str, hint: str) -> None:
    run(conn, REFUSE.format(refuses=refuses, message=Quoted(message), hint=Quoted(hint)))
    run(conn, COMMENT.format(Quoted(json.dumps(asdict(fence)))))
