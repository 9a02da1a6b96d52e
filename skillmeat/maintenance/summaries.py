"""Whether summaries are true, and how they are mended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL

from skillmeat.query import Conn, all_rows, scalar


@dataclass(frozen=True, slots=True)
class SummaryDrift:
    """A row in which artifact_summaries and its definition differ.

    `side` is `shown` for what is read and `true` for what is so, `columns` are those in which the
    two differ: none where the other side has no such artifact at all.
    """

    side: str
    id: str
    columns: list[str]


_DRIFT: Final = SQL(
    """
    with drift as materialized (
        select d.side, d.id, to_jsonb(d) - 'side' as summary from {} as d
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
)
SUMMARY_DRIFT: Final = _DRIFT.format(SQL("summary_drift"))
SUMMARY_DRIFT_OF: Final = _DRIFT.format(SQL("summary_drift_of(%(ids)s)"))


def summary_drift(conn: Conn, *, ids: Sequence[str] | None = None) -> tuple[SummaryDrift, ...]:
    """Every row in which summaries differ from the truth, in one snapshot; empty means healthy.

    Reads the whole catalogue twice. With `ids` it reads those artifacts alone, and takes the counts
    of their collections for true, as `drift` tells. Raises `NotPopulated`.
    """
    if ids is None:
        return all_rows(conn, SummaryDrift, SUMMARY_DRIFT, {})
    return all_rows(conn, SummaryDrift, SUMMARY_DRIFT_OF, {"ids": list(ids)})


REPAIR_SUMMARIES: Final = """
    select array(select id from repair_summaries(%(ids)s) as id order by id)
"""


def repair_summaries(conn: Conn, *, ids: Sequence[str] | None = None) -> tuple[str, ...]:
    """Have every artifact whose summary drifts, of all or of `ids`, read live; return their ids.

    Raises `NotPopulated`.
    """
    named = None if ids is None else list(ids)
    return tuple(scalar(conn, REPAIR_SUMMARIES, {"ids": named}))
