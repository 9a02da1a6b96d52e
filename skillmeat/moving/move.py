"""Move a catalogue to another server while writers and readers continue.

Each step can be interrupted at any instant: the fences of both copies say what comes next.
"""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import PGconn, Ping

from skillmeat.errors import CannotConnect, SkillMeatError, translate_errors
from skillmeat.maintenance.refresh import refresh_snapshot
from skillmeat.migration.advisory_lock import acquire_arrival_lock, acquire_migration_lock
from skillmeat.moving import preflight
from skillmeat.moving.comparison import verify_open_copy
from skillmeat.moving.fence import Fence, open_copy, read_fence, remove_fence, wait_for_fencing
from skillmeat.moving.filling import (
    drop_copy,
    fill_copy,
    get_publisher,
    is_begun,
    join_sides,
    unmark,
)
from skillmeat.moving.handover import complete_handover, hand_over, rehearse
from skillmeat.moving.pooler import CONNECT_SECONDS
from skillmeat.moving.publications import drop_publications
from skillmeat.moving.replication import drop_slots, resubscribe, unsubscribe
from skillmeat.moving.request import MoveRequest
from skillmeat.moving.side import Side, open_side


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
    # The variable takes URLs only.
    url = f"postgresql:///?{urlencode(conninfo_to_dict(conninfo), quote_via=quote)}"
    return (
        f"SKILLMEAT_DATABASE_URL={shlex.quote(url)} "
        f"skillmeat --schema {shlex.quote(schema)} migrate down base --yes"
    )


def move_catalogue(request: MoveRequest) -> Moved:
    """Move a catalogue, or go on with a move that was interrupted; return where it is now.

    The old copy stays, read-only. Raises `SkillMeatError`.
    """
    with _open_sides(request) as (old, new), _explain_lost_server():
        if old is None:
            return Moved(new.place)
        closed, received = _read_fences(request, old, new)
        paused = None
        if closed is None:
            sides = fill_copy(request, old, new, received)
            rehearse(sides)
            paused = hand_over(sides)
        elif received is not None and received.state == "filling":
            resubscribe(new, publisher=get_publisher(request, old))
            complete_handover(join_sides(request, old, new, received))
        elif not _is_open(request, closed, received, new):
            message = f"the new copy, at {new.place}, is gone: open the old one with --abort"
            raise SkillMeatError(message)
        else:
            request.clients.lead_to(new)
            verify_open_copy(new.conn, report=request.report)
        _clean_up(old, new)
        refresh_snapshot(new.conn)
        return Moved(new.place, old.owned_place, paused)


def abort_move(request: MoveRequest) -> None:
    """Undo a move that has not opened the new copy: drop that copy, and open the old one again.

    If one server does not answer, its copy stays. The other copy goes on: an old one that was not
    closed, or a new one that is open. Raises `SkillMeatError` if the new copy is open already and
    the old server answers.
    """
    try:
        _undo_move(request)
    except CannotConnect as error:
        # Only `_open_sides` raises it, so nothing has been undone.
        _release_reached_copy(request, error)


def _undo_move(request: MoveRequest) -> None:
    with _open_sides(request) as (old, new), _explain_lost_server():
        if old is None:
            message = f"the catalogue is at {new.place}: to undo a move, move it back"
            raise SkillMeatError(message)
        closed, received = _read_fences(request, old, new)
        identity = old.read_identity()
        if closed is not None and _is_open(request, closed, received, new):
            message = (
                f"the old copy at {old.place} is not the writable one any more: to undo a move, "
                "move the catalogue back"
            )
            raise SkillMeatError(message)
        if received is None and not is_begun(new, identity):
            request.report(f"there is no copy at {new.place}")
        else:
            unsubscribe(new)
            # The old copy opens only when no copy is left that another run could open.
            drop_copy(new, report=request.report)
        if closed is not None:
            open_copy(old.conn, replace(closed, state="reopened"))
            remove_fence(old.conn)
        drop_slots(old.conn, identity)
        drop_publications(old.conn, old.schema)


def _release_reached_copy(request: MoveRequest, error: CannotConnect) -> None:
    """Remove what a move has made beside the writable copy, if the other server does not answer.

    A lost new server would never confirm anything: its slot would keep the log of the old one.
    """
    with open_side(request.old_url, schema=request.schema, name="old copy") as side:
        # In the order in which a move takes those of its new copy.
        acquire_arrival_lock(side.conn, side.schema, report=request.report)
        acquire_migration_lock(side.conn, side.schema, report=request.report)
        fence = _read_fence(side)
        if fence is not None and not (fence.state == "open" and _is_lost(fence.where)):
            raise error
        request.clients.refuse_unreached(side)
        if fence is None:
            drop_slots(side.conn, side.read_identity())
            drop_publications(side.conn, side.schema)
            request.report(f"{error}: if there is a copy, run this again when that server is up")
        else:
            unsubscribe(side)
            unmark(side)
            remove_fence(side.conn)
            request.report(
                f"the closed copy at {fence.where} is lost: if that server is up again, run the "
                "move again, with the copy's URL as --from"
            )


def _is_lost(place: str) -> bool:
    """Return whether no server answers there: one that refuses a login is not lost."""
    target = make_conninfo(place, connect_timeout=CONNECT_SECONDS)
    return PGconn.ping(target.encode()) == Ping.NO_RESPONSE


@contextmanager
def _explain_lost_server() -> Iterator[None]:
    """Raise `SkillMeatError`, with the remedy, if a server is lost during the block."""
    try:
        with translate_errors():
            yield
    except CannotConnect as error:
        reason = str(error).rstrip(".")
        message = f"{reason}: run the same command again when both servers are up"
        raise SkillMeatError(message) from error


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
            acquire_migration_lock(new.conn, new.schema, report=request.report)
            request.clients.refuse_unreached(new)
            yield None, new
            return
        # The conninfo in the fence has no password.
        login = {"user": new.conn.info.user, "password": new.conn.info.password or None}
        url = make_conninfo(fence.where, **login)
        with open_side(url, schema=request.schema, name="old copy") as found:
            yield found, new


def _read_fences(request: MoveRequest, old: Side, new: Side) -> tuple[Fence | None, Fence | None]:
    """Keep other moves and migrations out, and return what the fences say.

    Raises `SkillMeatError` if one belongs to another move, or if the service leads elsewhere.
    """
    acquire_migration_lock(old.conn, old.schema, report=request.report)
    acquire_arrival_lock(new.conn, new.schema, report=request.report)
    closed, received = _read_fence(old), _read_fence(new)
    _refuse_foreign_fences(old, new, closed=closed, received=received)
    # A move that this one has waited for may have led the clients to the new copy.
    request.clients.refuse_unreached(*((old,) if closed is None else (old, new)))
    return closed, received


def _read_fence(side: Side) -> Fence | None:
    """Return the fence of a copy; remove one that an interrupted --abort has left open."""
    wait_for_fencing(side.conn)
    fence = read_fence(side.conn)
    if fence is not None and fence.state == "reopened":
        remove_fence(side.conn)
        return None
    return fence


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
    if closed is not None and not _is_of_move(closed, received, new):
        message = (
            f"the old copy was closed by its move to {closed.where}, and no copy of that move is "
            f"at {new.place}: give that URL as --to"
        )
        raise SkillMeatError(message)
    if received is not None and received.state == "closed":
        message = (
            f"the closed copy of an earlier move is at {new.place}: "
            f"drop it with {format_drop_command(new.owned_place, new.schema)}"
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


def _is_of_move(closed: Fence, received: Fence | None, new: Side) -> bool:
    """Return whether the new copy, which may be complete or gone, belongs to a closed old one."""
    if received is not None:
        return received.move == closed.move
    return _is_same_place(closed.other, new.read_identity())


def _is_open(request: MoveRequest, closed: Fence, received: Fence | None, new: Side) -> bool:
    """Return whether the new copy of a closed one may have been written to."""
    if received is not None:
        return received.state == "open"
    identity = new.read_identity()
    # A restored copy is another schema. It counts, unless it is gone, if the clients reach it.
    is_reached = identity == request.clients.reached.identity and not identity.endswith("/")
    return is_reached or identity == closed.other


def _is_same_place(one: str, other: str) -> bool:
    """Return whether two identities are of one database; a dropped schema has no number."""
    return one.rpartition("/")[0] == other.rpartition("/")[0]


def _clean_up(old: Side, new: Side) -> None:
    """Remove everything of the move but the fence of the old copy; the new copy's goes last."""
    unsubscribe(new)
    drop_slots(old.conn, old.read_identity())
    drop_publications(old.conn, old.schema)
    unmark(new)
    remove_fence(new.conn)
