"""Whether counts and summaries are true, and what to do where they are not."""

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


@dataclass(frozen=True, slots=True)
class SummaryDrift:
    """A row in which artifact_summaries and its definition differ.

    `side` is `shown` for what is read and `true` for what is so, `columns` are those in which the
    two differ: none where the other side has no such artifact at all.
    """

    side: str
    id: str
    columns: list[str]


SUMMARY_DRIFT: Final = """
    with drift as materialized (
        select d.side, d.id, to_jsonb(d) - 'side' as summary from summary_drift as d
    )
    select
        d.side,
        d.id,
        array(
            select c.key
            from jsonb_each(d.summary) as c
            where c.value <> other.summary -> c.key
            order by c.key
        ) as columns
    from drift as d
    left join drift as other on other.id = d.id and other.side <> d.side
    order by d.id, d.side
"""


def summary_drift(conn: Conn) -> tuple[SummaryDrift, ...]:
    """Every row in which summaries differ from the truth, in one snapshot; empty means healthy.

    Reads the whole catalogue twice. Raises `NotPopulated`.
    """
    return all_rows(conn, SummaryDrift, SUMMARY_DRIFT, {})


REPAIR_SUMMARIES: Final = "select array(select id from repair_summaries() as id order by id)"


def repair_summaries(conn: Conn) -> tuple[str, ...]:
    """Have every artifact whose summary drifts read live, and return their ids.

    Raises `NotPopulated`.
    """
    return tuple(scalar(conn, REPAIR_SUMMARIES, {}))


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
