"""List counts and summaries that differ from the truth, and correct them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL

from skillmeat.database.query import Conn, build_columns, fetch_all, fetch_scalar


@dataclass(frozen=True, slots=True)
class CountDrift:
    """A count that differs from COUNT(*).

    `counter` is `table.column` and `parent` the key of the row. `counted` is the number in the
    column, pending changes included; `actual` is the result of COUNT(*).
    """

    counter: str
    parent: str
    counted: int
    actual: int


@dataclass(frozen=True, slots=True)
class SummaryDrift:
    """A row in which artifact_summaries and artifact_summaries_live differ.

    `side` is `shown` for the row of artifact_summaries and `true` for the row of its definition.
    `columns` are those that differ; empty if the other side has no such artifact.
    """

    side: str
    id: str
    columns: list[str]


COUNT_DRIFT: Final = SQL("select {} from count_drift order by counter, parent").format(
    build_columns(CountDrift)
)

COUNT_DRIFT_OF: Final = SQL(
    """
    select {}
    from count_drift
    where counter = %(counter)s and parent = any (%(parents)s)
    order by parent
    """
).format(build_columns(CountDrift))


def list_count_drift(
    conn: Conn, *, counter: str | None = None, parents: Sequence[str] = ()
) -> tuple[CountDrift, ...]:
    """List every count that differs from the truth, in one snapshot; empty means healthy.

    With a `counter`, such as `collections.artifact_count`, compare only the counts of `parents`:
    that costs as much as counting their children.
    """
    if counter is None:
        return fetch_all(conn, CountDrift, COUNT_DRIFT, {})
    return fetch_all(
        conn, CountDrift, COUNT_DRIFT_OF, {"counter": counter, "parents": list(parents)}
    )


REPAIR_COUNTS: Final = SQL("select {} from repair_counts(%(counter)s, %(parents)s)").format(
    build_columns(CountDrift)
)


def repair_counts(
    conn: Conn, *, counter: str | None = None, parents: Sequence[str] | None = None
) -> tuple[CountDrift, ...]:
    """Recount the counts of `counter` and `parents`, or all that drift; return the wrong ones.

    Writers continue. The rows of the recounted counts stay locked until the transaction ends.
    """
    keys = None if parents is None else list(parents)
    return fetch_all(conn, CountDrift, REPAIR_COUNTS, {"counter": counter, "parents": keys})


SETTLE_COUNTS: Final = "select settle_counts()"


def settle_counts(conn: Conn) -> int:
    """Add pending counts to the settled ones; return how many stay pending for now.

    Needs READ COMMITTED.
    """
    return int(fetch_scalar(conn, SETTLE_COUNTS, {}))


_COMPARE_COLUMNS: Final = SQL(
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
SUMMARY_DRIFT: Final = _COMPARE_COLUMNS.format(SQL("summary_drift"))
SUMMARY_DRIFT_OF: Final = _COMPARE_COLUMNS.format(SQL("summary_drift_of(%(ids)s)"))


def list_summary_drift(conn: Conn, *, ids: Sequence[str] | None = None) -> tuple[SummaryDrift, ...]:
    """List every row in which summaries differ from the truth, in one snapshot.

    Empty means healthy. The whole catalogue is read twice. With `ids`, only those artifacts are
    read, and the counts of their collections are trusted: `list_count_drift` checks those. Raises
    `NotPopulated`.
    """
    if ids is None:
        return fetch_all(conn, SummaryDrift, SUMMARY_DRIFT, {})
    return fetch_all(conn, SummaryDrift, SUMMARY_DRIFT_OF, {"ids": list(ids)})


REPAIR_SUMMARIES: Final = """
    select array(select id from repair_summaries(%(ids)s) as id order by id)
"""


def repair_summaries(conn: Conn, *, ids: Sequence[str] | None = None) -> tuple[str, ...]:
    """Log each artifact with a drifting summary as changed, among all or `ids`; return their ids.

    Raises `NotPopulated`.
    """
    chosen = None if ids is None else list(ids)
    return tuple(fetch_scalar(conn, REPAIR_SUMMARIES, {"ids": chosen}))
