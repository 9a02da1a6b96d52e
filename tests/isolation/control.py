"""The control: the same schema without counts and summaries.

A session that waits or fails there does so because of keys and isolation levels alone.
"""

from dataclasses import replace

from psycopg import Connection, sql

from tests.isolation.permutations import Spec

# The triggers that have nothing to do with counts and summaries.
TABLES = (
    "set_updated_at",
    "artifacts_set_id",
    "collection_artifacts_leave_groups",
    "collections_defer_group_checks",
    "collections_check_groups",
    "collections_set_json_prefix",
)

TRIGGERS = r"""
select tgrelid::regclass::text, tgname
from pg_trigger
where
    not tgisinternal
    and tgfoid::regproc::text <> all (%s)
    -- These only draw the count key that a new row must have.
    and tgfoid::regproc::text not like '%%\_reset\_counts'
    -- Without appended rows this table's trigger never fires, and settle_counts() needs it.
    and tgrelid <> 'count_changes'::regclass
    and tgrelid in (select oid from pg_class where relnamespace = current_schema()::regnamespace)
"""

# The control has no counts to maintain, so a housekeeper there only reads the same tables.
HOUSEKEEPING = {
    "select settle_counts()": "select",
    "select refresh_artifact_summaries()": "table artifact_summaries_live",
    "select repair_counts()": "table count_drift",
    "select repair_summaries()": "table artifact_summaries_live",
}


def drop_counts_and_summaries(conn: Connection) -> int:
    """Drop the triggers for counts and summaries; return how many there were."""
    found = conn.execute(TRIGGERS, [list(TABLES)]).fetchall()
    for table, trigger in found:
        conn.execute(
            sql.SQL("drop trigger {} on {}").format(sql.Identifier(trigger), sql.Identifier(table))
        )
    return len(found)


def without_housekeeping(spec: Spec) -> Spec:
    """Return the same scripts for the control."""
    return replace(
        spec,
        scripts=tuple(
            replace(script, steps=tuple(map(_only_reading, script.steps)))
            for script in spec.scripts
        ),
    )


def _only_reading(step: str) -> str:
    for housekeeping, reading in HOUSEKEEPING.items():
        step = step.replace(housekeeping, reading)
    return step
