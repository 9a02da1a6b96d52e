"""Whether the counts are true, and what to do where they are not."""

from dataclasses import dataclass
from typing import Final

from skillmeat.query import Conn, all_rows, one_row, scalar


@dataclass(frozen=True, slots=True)
class Drift:
    """A count that differs from COUNT(*).

    `counter` is `table.column`, `parent` the key of the row, `counted` what it says and `actual`
    what is true.
    """

    counter: str
    parent: str
    counted: int
    actual: int


DRIFT: Final = "select * from count_drift order by counter, parent"


def drift(conn: Conn) -> tuple[Drift, ...]:
    """Every count that differs from the truth, in one snapshot; empty means healthy."""
    return all_rows(conn, Drift, DRIFT, {})


REPAIR: Final = "select * from repair_counts()"


def repair(conn: Conn) -> tuple[Drift, ...]:
    """Recount what drifts, while writers go on, and return what was wrong."""
    return all_rows(conn, Drift, REPAIR, {})


SETTLE: Final = "select settle_counts()"


def settle(conn: Conn) -> int:
    """Add pending counts to the settled ones; return how many stay pending for now.

    Needs READ COMMITTED.
    """
    return int(scalar(conn, SETTLE, {}))


@dataclass(frozen=True, slots=True)
class Totals:
    """How many rows there are; `pending` are the counts that are not settled yet."""

    artifacts: int
    collections: int
    memberships: int
    groups: int
    tags: int
    pending: int


TOTALS: Final = """
    select
        (select coalesce(sum(artifact_count), 0) from artifact_type_summaries)::bigint as artifacts,
        (select count(*) from collection_summaries) as collections,
        (select coalesce(sum(artifact_count), 0) from collection_summaries)::bigint as memberships,
        (select coalesce(sum(group_count), 0) from collection_summaries)::bigint as groups,
        (select count(*) from tag_summaries) as tags,
        pending_counts() as pending
"""


def totals(conn: Conn) -> Totals:
    """What the catalogue holds, from its counters."""
    found = one_row(conn, Totals, TOTALS, {})
    assert found is not None  # noqa: S101 - the statement always returns a row
    return found
