"""The same schema without a count or a summary: what waits or fails there, does so for its keys."""

from dataclasses import replace

from psycopg import Connection, sql

from tests.isolation.permutations import Spec

# What the tables do that has nothing to do with counts and summaries.
KEPT = (
    "touch_updated_at",
    "collection_artifacts_leave_groups",
    "collections_defer_group_checks",
    "collections_check_groups",
)

TRIGGERS = r"""
select tgrelid::regclass::text, tgname
from pg_trigger
where
    not tgisinternal
    and tgfoid::regproc::text <> all (%s)
    -- These only draw the key that a new row must have.
    and tgfoid::regproc::text not like '%%\_start\_counts'
    -- It never fires where nothing is appended, and settle_counts() asks for it.
    and tgrelid <> 'count_changes'::regclass
    and tgrelid in (select oid from pg_class where relnamespace = current_schema()::regnamespace)
"""

# Where there is nothing to keep in order, a housekeeper is a reader of what it would read.
HOUSEKEEPING = {
    "select settle_counts()": "select",
    "select refresh_artifact_summaries()": "table artifact_summaries_live",
    "select repair_counts()": "table count_drift",
    "select repair_summaries()": "table artifact_summaries_live",
}


def drop_counts_and_summaries(conn: Connection) -> int:
    """Make a catalogue one that counts and notes nothing; return how many triggers it had."""
    found = conn.execute(TRIGGERS, [list(KEPT)]).fetchall()
    for table, trigger in found:
        conn.execute(
            sql.SQL("drop trigger {} on {}").format(sql.Identifier(trigger), sql.Identifier(table))
        )
    return len(found)


def without_housekeeping(spec: Spec) -> Spec:
    """The same scripts for such a catalogue."""
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
