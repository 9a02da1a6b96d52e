"""Move a catalogue to another server while writers and readers continue.

Each step can be interrupted at any instant: the fences of both copies say what comes next.
"""

import secrets
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final

from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier
from psycopg.sql import Literal as Quoted

from skillmeat import migration
from skillmeat.errors import SkillMeatError
from skillmeat.maintenance.refresh import refresh_snapshot
from skillmeat.migration.advisory_lock import acquire_migration_lock
from skillmeat.migration.environment import Report
from skillmeat.moving import preflight
from skillmeat.moving.comparison import refuse_drift
from skillmeat.moving.fence import (
    Fence,
    fence_empty_copy,
    open_copy,
    read_fence,
    remove_fence,
    wait_for_fencing,
)
from skillmeat.moving.handover import (
    Sides,
    advance_sequences,
    complete_handover,
    hand_over,
    rehearse,
)
from skillmeat.moving.publications import (
    create_publications,
    drop_publications,
    list_copied_tables,
)
from skillmeat.moving.replication import (
    apply_durably,
    catch_up,
    create_slot,
    drop_slots,
    has_slot,
    has_subscription,
    mark_position,
    name_slot,
    read_lag,
    read_progress,
    refuse_failing_subscription,
    subscribe,
    unsubscribe,
)
from skillmeat.moving.request import MoveRequest
from skillmeat.moving.side import Side, open_side, run
from skillmeat.query import fetch_scalar

POLL_SECONDS: Final = 0.2
VACUUM: Final = SQL("vacuum (analyze, skip_locked) {}")
CREATE_SCHEMA: Final = SQL("create schema if not exists {} authorization {}")
DROP_SCHEMA: Final = SQL("drop schema if exists {} cascade")
# Says that the schema is the beginning of a copy, until the fence says so.
MARK: Final = "SkillMeat moves a catalogue here: "
COMMENT: Final = SQL("comment on schema {} is {}")
READ_MARK: Final = """
    select obj_description(to_regnamespace(quote_ident(%(schema)s)), 'pg_namespace')
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the copies are, and for how long writers waited, in seconds; None if not measured.

    `old`, with the role that moved it, is None if there is nothing to do.
    """

    new: str
    old: str | None = None
    paused: float | None = None


def format_drop_command(conninfo: str, schema: str) -> str:
    """Return the command that drops a closed copy."""
    return (
        f"SKILLMEAT_DATABASE_URL={shlex.quote(conninfo)} "
        f"skillmeat --schema {shlex.quote(schema)} migrate down base --yes"
    )


def move_catalogue(request: MoveRequest) -> Moved:
    """Move a catalogue, or go on with a move that was interrupted; return where it is now.

    The old copy stays, read-only. Raises `SkillMeatError`.
    """
    with _open_sides(request) as (old, new):
        if old is None:
            return Moved(new.place)
        closed, received = _read_fences(old, new, report=request.report)
        paused = None
        if closed is None:
            sides = _fill(request, old, new, received)
            rehearse(sides)
            paused = hand_over(sides)
        elif received is not None and received.state == "filling":
            complete_handover(_join(request, old, new, received))
        else:
            request.clients.lead_to(new.conninfo)
        _clean_up(old, new)
        refresh_snapshot(new.conn)
        return Moved(new.place, make_conninfo(old.place, user=old.conn.info.user), paused)


def abort_move(request: MoveRequest) -> None:
    """Undo a move that has not opened the new copy: drop that copy, and open the old one again.

    Raises `SkillMeatError` if the new copy is open already.
    """
    with _open_sides(request) as (old, new):
        if old is None:
            message = f"the catalogue is at {new.place}: to undo a move, move it back"
            raise SkillMeatError(message)
        closed, received = _read_fences(old, new, report=request.report)
        identity = old.read_identity()
        if received is not None and received.state == "open":
            message = (
                f"the move is done, and the copy at {new.place} is the writable one: to undo it, "
                "move the catalogue back"
            )
            raise SkillMeatError(message)
        if received is None and not _is_marked(new, identity):
            request.report(f"there is no copy at {new.place}")
        else:
            unsubscribe(new)
            # The old copy opens only when no copy is left that another run could open.
            _drop_copy(new, report=request.report)
        if closed is not None:
            open_copy(old.conn, replace(closed, state="open"))
            remove_fence(old.conn)
        drop_slots(old.conn, identity)
        drop_publications(old.conn, old.schema)


@contextmanager
def _open_sides(request: MoveRequest) -> Iterator[tuple[Side | None, Side]]:
    """Connect to both copies; if the service leads to the new one already, find the old one.

    Yield None for it if a complete move has left nothing to do.
    """
    with (
        open_side(request.new_url, schema=request.schema, name="new copy") as new,
        open_side(request.old_url, schema=request.schema, name="old copy") as old,
    ):
        if not preflight.is_same_database(old.conn, new.conn):
            yield old, new
            return
        fence = read_fence(new.conn)
        if fence is None:
            yield None, new
            return
        # The conninfo in the fence has no password.
        login = {"user": new.conn.info.user, "password": new.conn.info.password or None}
        url = make_conninfo(fence.where, **login)
        with open_side(url, schema=request.schema, name="old copy") as found:
            yield found, new


def _read_fences(old: Side, new: Side, *, report: Report) -> tuple[Fence | None, Fence | None]:
    """Keep other moves and migrations out, and return what the fences say.

    Raises `SkillMeatError` if one belongs to another move.
    """
    acquire_migration_lock(old.conn, old.schema, report=report)
    for each in (old, new):
        wait_for_fencing(each.conn)
    closed, received = read_fence(old.conn), read_fence(new.conn)
    _refuse_foreign_fences(old, new, closed=closed, received=received)
    return closed, received


def _refuse_foreign_fences(
    old: Side, new: Side, *, closed: Fence | None, received: Fence | None
) -> None:
    """Raise `SkillMeatError` if a fence belongs to another move."""
    if closed is not None and closed.state != "closed":
        message = (
            f"an earlier move to {old.place}, from {closed.where}, is not complete: run it again "
            "first, or give it up with --abort"
        )
        raise SkillMeatError(message)
    if closed is not None and (received is None or received.move != closed.move):
        message = (
            f"the old copy was closed by its move to {closed.where}, and no copy of that move is "
            f"at {new.place}: give that URL as --to"
        )
        raise SkillMeatError(message)
    if received is not None and received.state == "closed":
        message = (
            f"the closed copy of an earlier move is at {new.place}: "
            f"drop it with {format_drop_command(new.place, new.schema)}"
        )
        raise SkillMeatError(message)
    if closed is None and received is not None and received.state == "open":
        message = (
            f"both copies are writable, as the old one was opened after its move to {new.place}: "
            "compare them, then drop one by hand"
        )
        raise SkillMeatError(message)
    if received is not None and received.other != old.read_identity():
        message = (
            f"the copy at {new.place} is being moved there from {received.where}: abort that first"
        )
        raise SkillMeatError(message)


def _fill(
    request: MoveRequest,
    old: Side,
    new: Side,
    received: Fence | None,
) -> Sides:
    """Fill the new copy, or go on with that; return when it is nearly up to date."""
    identity = old.read_identity()
    if (
        received is None
        or not has_subscription(new.conn, new.schema)
        or not has_slot(old.conn, name_slot(identity, received.move))
    ):
        received = _begin(request, old, new, identity)
    sides = _join(request, old, new, received)
    acquire_migration_lock(new.conn, new.schema, report=request.report)
    _wait_for_rows(sides)
    for table in list_copied_tables():
        run(new.conn, VACUUM.format(Identifier(table)))
    request.report("refreshing the snapshot of the new copy")
    # A refresh counts the changes after it from the sequence, so that must be ahead of both copies.
    advance_sequences(sides)
    refresh_snapshot(new.conn)
    _wait_for_changes(sides)
    return sides


def _begin(request: MoveRequest, old: Side, new: Side, identity: str) -> Fence:
    """Create an empty copy, fence it, and subscribe it."""
    publisher = request.publisher or old.conninfo
    unsubscribe(new)
    drop_slots(old.conn, identity)
    preflight.refuse_unsuitable_old_copy(old)
    preflight.refuse_unsuitable_new_server(new)
    if not _is_marked(new, identity):
        preflight.refuse_used_schema(new)
    preflight.refuse_missing_logins(old, new)
    preflight.refuse_unreachable_publisher(new, publisher=publisher)
    request.clients.refuse_unusable_place(new.conninfo)
    refuse_drift(old.conn, copy="old copy")
    preflight.report_grantees(old, report=request.report)
    owner = preflight.choose_owner(old, new)
    _mark(new, identity, owner=owner)
    preflight.create_group_roles(new)
    request.report(f"creating the catalogue at {new.place}")
    migration.upgrade(url=new.build_url_as(owner), schema=new.schema, report=request.report)
    try:
        preflight.refuse_other_objects(old, new)
    except SkillMeatError:
        # It holds nothing yet.
        run(new.conn, DROP_SCHEMA.format(Identifier(new.schema)))
        raise
    preflight.grant_group_roles(old, new)
    fence = Fence("filling", secrets.token_hex(8), identity, old.place)
    fence_empty_copy(new.conn, fence)
    create_publications(old.conn, old.schema)
    create_slot(old.conn, name_slot(identity, fence.move), report=request.report)
    subscribe(new, publisher=publisher, slot=name_slot(identity, fence.move))
    return fence


def _join(request: MoveRequest, old: Side, new: Side, fence: Fence) -> Sides:
    slot = name_slot(old.read_identity(), fence.move)
    return Sides(old, new, fence, slot, request)


def _wait_for_rows(sides: Sides) -> None:
    """Wait until every row is copied."""
    before = read_progress(sides.new).failures
    rows = 0
    while (progress := read_progress(sides.new)).copying:
        refuse_failing_subscription(progress, before=before, place=sides.new.place)
        rows = max(rows, progress.rows)
        copied = progress.tables - progress.copying
        sides.request.on_progress(
            f"tables copied, {rows:,} rows of the next", copied, progress.tables
        )
        time.sleep(POLL_SECONDS)


def _wait_for_changes(sides: Sides) -> None:
    """Wait until the new copy follows the old one closely."""
    apply_durably(sides.new)
    before = read_progress(sides.new).failures
    while not catch_up(
        sides.old.conn, sides.slot, mark_position(sides.old.conn), seconds=POLL_SECONDS
    ):
        refuse_failing_subscription(read_progress(sides.new), before=before, place=sides.new.place)
        sides.request.on_progress("bytes behind", read_lag(sides.old.conn, sides.slot), None)


def _clean_up(old: Side, new: Side) -> None:
    """Remove everything of the move but the fence of the old copy; the new copy's goes last."""
    unsubscribe(new)
    drop_slots(old.conn, old.read_identity())
    drop_publications(old.conn, old.schema)
    run(new.conn, COMMENT.format(Identifier(new.schema), Quoted(None)))
    remove_fence(new.conn)


def _drop_copy(new: Side, *, report: Report) -> None:
    """Drop a copy with its group roles, one revision a transaction, then whatever is left of it."""
    with suppress(SkillMeatError):
        migration.downgrade("base", url=new.url, schema=new.schema, report=report)
    run(new.conn, DROP_SCHEMA.format(Identifier(new.schema)))


def _mark(new: Side, identity: str, *, owner: str) -> None:
    """Create the schema, marked as the beginning of a copy."""
    with new.conn.transaction():
        run(new.conn, CREATE_SCHEMA.format(Identifier(new.schema), Identifier(owner)))
        run(new.conn, COMMENT.format(Identifier(new.schema), Quoted(f"{MARK}{identity}")))


def _is_marked(new: Side, identity: str) -> bool:
    return bool(fetch_scalar(new.conn, READ_MARK, {"schema": new.schema}) == f"{MARK}{identity}")
