"""Fill the new copy: create it, fence it, subscribe it, and wait until it follows the old one."""

import secrets
import time
from contextlib import suppress
from functools import partial
from typing import Final

from psycopg.sql import SQL, Identifier
from psycopg.sql import Literal as Quoted

from skillmeat import migration
from skillmeat.database.query import fetch_scalar
from skillmeat.errors import SkillMeatError
from skillmeat.maintenance.refresh import refresh_snapshot
from skillmeat.migration.advisory_lock import acquire_migration_lock
from skillmeat.migration.environment import Report
from skillmeat.moving import preflight
from skillmeat.moving.comparison import refuse_drift
from skillmeat.moving.fence import Fence, fence_created_tables, fence_empty_copy, read_fence
from skillmeat.moving.handover import Sides, advance_sequences
from skillmeat.moving.publications import (
    create_publications,
    drop_publications,
    list_copied_tables,
)
from skillmeat.moving.replication import (
    SubscriptionMonitor,
    apply_durably,
    create_slot,
    drop_slots,
    has_slot,
    name_slot,
    read_progress,
    resubscribe,
    subscribe,
    unsubscribe,
)
from skillmeat.moving.request import MoveRequest
from skillmeat.moving.side import Side, run

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
# Alembic's own table is created before the transaction of the first revision.
HAS_TABLES: Final = """
    select exists (
        select from pg_class as c
        where
            c.relnamespace = to_regnamespace(quote_ident(%(schema)s))
            and c.relkind = 'r'
            and c.relname <> 'alembic_version'
    )
"""


def fill_copy(
    request: MoveRequest,
    old: Side,
    new: Side,
    received: Fence | None,
) -> Sides:
    """Fill the new copy, or go on with that; return when it only receives new changes."""
    # A move that goes on, too: the switch must not fail half way.
    request.clients.refuse_unusable_place(new)
    identity = old.read_identity()
    if (
        received is None
        or not read_progress(new).is_enabled
        or not has_slot(old.conn, name_slot(identity, received.move))
    ):
        received = _begin(request, old, new, identity)
    else:
        resubscribe(new, publisher=get_publisher(request, old))
    sides = join_sides(request, old, new, received)
    acquire_migration_lock(new.conn, new.schema, report=request.report)
    _wait_for_rows(sides)
    for table in list_copied_tables():
        run(new.conn, VACUUM.format(Identifier(table)))
    request.report("refreshing the snapshot of the new copy")
    # A refresh counts the changes after it from the sequence, so that must be ahead of both copies.
    advance_sequences(sides)
    refresh_snapshot(new.conn)
    apply_durably(new)
    return sides


def join_sides(request: MoveRequest, old: Side, new: Side, fence: Fence) -> Sides:
    """Return both copies with the slot of the move that a fence names."""
    slot = name_slot(old.read_identity(), fence.move)
    return Sides(old, new, fence, slot, request)


def get_publisher(request: MoveRequest, old: Side) -> str:
    """Return the conninfo by which the new server reaches the old one."""
    return request.publisher or old.conninfo


def drop_copy(new: Side, *, report: Report) -> None:
    """Drop a copy with its group roles, one revision a transaction, then whatever is left of it."""
    with suppress(SkillMeatError):
        migration.downgrade("base", url=new.url, schema=new.schema, report=report)
    run(new.conn, DROP_SCHEMA.format(Identifier(new.schema)))


def is_begun(new: Side, identity: str) -> bool:
    """Return whether the schema is the beginning of a copy of that catalogue.

    Its tables are created with their fence: others belong to another program.
    """
    schema = {"schema": new.schema}
    return fetch_scalar(new.conn, READ_MARK, schema) == f"{MARK}{identity}" and (
        read_fence(new.conn) is not None or not fetch_scalar(new.conn, HAS_TABLES, schema)
    )


def unmark(new: Side) -> None:
    """Remove the mark of a complete copy."""
    run(new.conn, COMMENT.format(Identifier(new.schema), Quoted(None)))


def _begin(request: MoveRequest, old: Side, new: Side, identity: str) -> Fence:
    """Create an empty copy, fence it, and subscribe it."""
    publisher = get_publisher(request, old)
    unsubscribe(new)
    drop_slots(old.conn, identity)
    # Else a subscription, a trial too, would ask for the tables of the copy that is gone.
    drop_publications(old.conn, old.schema)
    preflight.refuse_unsuitable_old_copy(old)
    preflight.refuse_unsuitable_new_server(new)
    if is_begun(new, identity):
        run(new.conn, DROP_SCHEMA.format(Identifier(new.schema)))
    else:
        preflight.refuse_used_schema(new)
    preflight.refuse_missing_logins(old, new)
    preflight.refuse_unreachable_publisher(new, publisher=publisher)
    refuse_drift(old.conn, copy="old copy")
    preflight.report_grantees(old, report=request.report)
    owner = preflight.choose_owner(old, new)
    _mark(new, identity, owner=owner)
    preflight.create_group_roles(new)
    request.report(f"creating the catalogue at {new.place}")
    fence = Fence("filling", secrets.token_hex(8), identity, old.place)
    migration.upgrade(
        url=new.build_url_as(owner),
        schema=new.schema,
        report=request.report,
        before_commit=partial(fence_created_tables, fence=fence),
    )
    try:
        preflight.refuse_other_objects(old, new)
    except SkillMeatError:
        # It holds nothing yet.
        run(new.conn, DROP_SCHEMA.format(Identifier(new.schema)))
        raise
    preflight.grant_group_roles(old, new)
    fence_empty_copy(new.conn, fence)
    create_publications(old.conn, old.schema)
    create_slot(old.conn, name_slot(identity, fence.move), report=request.report)
    subscribe(new, publisher=publisher, slot=name_slot(identity, fence.move))
    if not read_progress(new).tables:
        # Such as a host called localhost, which is another one for the new server.
        message = (
            f"the server at {new.place} reaches another database than the old copy's, without its "
            "publications: correct --publisher, or give up with --abort"
        )
        raise SkillMeatError(message)
    return fence


def _wait_for_rows(sides: Sides) -> None:
    """Wait until every row is copied."""
    monitor = SubscriptionMonitor(sides.old, sides.new, sides.slot)
    rows = 0
    while (progress := monitor.check()).copying:
        rows = max(rows, progress.rows)
        copied = progress.tables - progress.copying
        sides.request.on_progress(
            f"tables copied, {rows:,} rows of the next", copied, progress.tables
        )
        time.sleep(POLL_SECONDS)


def _mark(new: Side, identity: str, *, owner: str) -> None:
    """Create the schema, marked as the beginning of a copy."""
    with new.conn.transaction():
        run(new.conn, CREATE_SCHEMA.format(Identifier(new.schema), Identifier(owner)))
        run(new.conn, COMMENT.format(Identifier(new.schema), Quoted(f"{MARK}{identity}")))
