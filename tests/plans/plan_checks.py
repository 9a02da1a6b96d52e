"""The promises about the plan of a page, and the check for broken ones."""

from collections.abc import Iterator
from typing import Final

from psycopg import Connection

from tests.plans.statements import PAGE, Question
from tests.plans.tree import (
    Plan,
    appended,
    is_merged,
    lookups,
    rows_looked_at,
    rows_sorted,
    scanned_whole,
)

# The tables whose size is the catalogue's, or that of what has changed in it.
LARGE: Final = frozenset(
    {
        "artifact_changes",
        "artifact_summaries_snapshot",
        "artifact_tags",
        "artifact_versions",
        "artifacts",
        "collection_artifacts",
        "tags",
    }
)
# Of an artifact that has changed: it and its row in the snapshot, its change and the look for it
# from either, two memberships, tags and names of tags, a version; and what it was chosen by.
PER_ARTIFACT: Final = 13
BYPASSED: Final = (
    "select everything_changed or has_too_many_changes or is_replaced from snapshot_bypass"
)


def broken(conn: Connection, question: Question, plan: Plan, *, page: int = PAGE) -> Iterator[str]:
    """Each promise that a plan of the present state breaks, in words."""
    looked_at = rows_looked_at(plan, of=LARGE)
    if looked_at > PER_ARTIFACT * (page + 1):
        yield f"{question.name}: looks at {looked_at} rows"
    if rows_sorted(plan) > page + 1:
        yield f"{question.name}: sorts {rows_sorted(plan)} rows"
    for table in sorted(scanned_whole(plan, of=LARGE)):
        yield f"{question.name}: scans the whole of {table}"
    if question.is_range and not is_merged(plan):
        yield f"{question.name}: merges no index scans"
    (is_bypassed,) = conn.execute(BYPASSED).fetchone() or (None,)
    for table in sorted(_needless(plan, is_bypassed=bool(is_bypassed))):
        yield f"{question.name}: reads {table} for nothing"
    changed = rows_looked_at_in(plan, "artifact_changes")
    if not is_bypassed and lookups(plan, "artifacts") > changed:
        yield f"{question.name}: reads {lookups(plan, 'artifacts')} live for {changed} changes"


def rows_looked_at_in(plan: Plan, table: str) -> int:
    """How many rows of that table a plan has read among those that it reads as one."""
    return sum(rows_looked_at(scan, of={table}) for scan in appended(plan))


def _needless(plan: Plan, *, is_bypassed: bool) -> set[str]:
    executed = {scan["Relation Name"] for scan in appended(plan) if scan["Actual Loops"]}
    instead = {"artifacts"}
    return executed & (
        {"artifact_summaries_snapshot", "artifact_changes"} if is_bypassed else instead
    )
