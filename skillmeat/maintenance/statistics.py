"""How much there is."""

from dataclasses import dataclass
from typing import Final

from skillmeat.query import Conn, one_row


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
