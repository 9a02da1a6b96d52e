"""The promises about the plan of a page, and the check for broken ones."""

from collections.abc import Iterator
from typing import Final

from psycopg import Connection

from tests.plans.statements import PAGE, Query
from tests.plans.tree import (
    Plan,
    count_probes,
    count_rows_read,
    count_rows_sorted,
    is_merged,
    list_appended_scans,
    list_full_scans,
)

# The tables that grow with the catalogue or with its changes.
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
# The rows of a changed artifact: it and its row in the snapshot, its change and two probes for it,
# two memberships, two tags with their names, a version, and the row that selected it.
PER_ARTIFACT: Final = 13
BYPASSED: Final = (
    "select everything_changed or has_too_many_changes or is_replaced from snapshot_bypass"
)


def find_broken_promises(
    conn: Connection, query: Query, plan: Plan, *, page: int = PAGE
) -> Iterator[str]:
    """Yield a sentence for each promise that the plans break in the current state."""
    looked_at = count_rows_read(plan, of=LARGE)
    if looked_at > PER_ARTIFACT * (page + 1):
        yield f"{query.name}: looks at {looked_at} rows"
    if count_rows_sorted(plan) > page + 1:
        yield f"{query.name}: sorts {count_rows_sorted(plan)} rows"
    for table in sorted(list_full_scans(plan, of=LARGE)):
        yield f"{query.name}: scans the whole of {table}"
    if query.is_range and not is_merged(plan):
        yield f"{query.name}: merges no index scans"
    (is_bypassed,) = conn.execute(BYPASSED).fetchone() or (None,)
    for table in sorted(_needless(plan, is_bypassed=bool(is_bypassed))):
        yield f"{query.name}: reads {table} for nothing"
    changed = count_appended_rows(plan, "artifact_changes")
    if not is_bypassed and count_probes(plan, "artifacts") > changed:
        yield f"{query.name}: reads {count_probes(plan, 'artifacts')} live for {changed} changes"


def count_appended_rows(plan: Plan, table: str) -> int:
    """Return how many rows of that table an Append of the plan has read."""
    return sum(count_rows_read(scan, of={table}) for scan in list_appended_scans(plan))


def _needless(plan: Plan, *, is_bypassed: bool) -> set[str]:
    executed = {scan["Relation Name"] for scan in list_appended_scans(plan) if scan["Actual Loops"]}
    instead = {"artifacts"}
    return executed & (
        {"artifact_summaries_snapshot", "artifact_changes"} if is_bypassed else instead
    )
