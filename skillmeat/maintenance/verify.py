"""Verify and repair in batches, each in its own snapshot or transaction."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from skillmeat.database.query import Conn
from skillmeat.errors import translate_errors
from skillmeat.maintenance.batches import WHOLE_CATALOGUE, Scope
from skillmeat.maintenance.drift import (
    CountDrift,
    SummaryDrift,
    list_count_drift,
    list_summary_drift,
    repair_counts,
    repair_summaries,
)
from skillmeat.maintenance.foreign_keys import BrokenForeignKey, list_broken_foreign_keys

# Called with the name of the compared objects, and the number of rows since the last call.
OnProgress: TypeAlias = Callable[[str, int], None]


def _ignore_progress(_what: str, _rows: int) -> None:
    pass


def verify_catalogue(
    conn: Conn, *, scope: Scope = WHOLE_CATALOGUE, on_progress: OnProgress = _ignore_progress
) -> Iterator[CountDrift | SummaryDrift | BrokenForeignKey]:
    """Yield every count and summary that differs from the truth, as it is found.

    A healthy catalogue yields nothing. The foreign keys of a whole catalogue are checked last.
    `conn` is in autocommit: each batch is compared in its own snapshot, which does not hold back
    VACUUM for long. No writer waits. Raises `UnknownCollection`, and `NotPopulated` after the
    counts are compared.
    """
    for counts in scope.count_batches(conn):
        yield from list_count_drift(conn, counter=counts.counter, parents=counts.parents)
        on_progress("counts", counts.rows)
    for summaries in scope.summary_batches(conn):
        yield from list_summary_drift(conn, ids=summaries.ids)
        on_progress("summaries", len(summaries.ids))
    if scope == WHOLE_CATALOGUE:
        on_progress("references", 0)
        yield from list_broken_foreign_keys(conn)


@dataclass(frozen=True, slots=True)
class Repaired:
    """The repairs of a batch: counts as they were before, and ids of artifacts."""

    counts: tuple[CountDrift, ...] = ()
    summaries: tuple[str, ...] = ()


def repair_catalogue(
    conn: Conn, *, scope: Scope = WHOLE_CATALOGUE, on_progress: OnProgress = _ignore_progress
) -> Iterator[Repaired]:
    """Repair counts and summaries that drift while writers continue; yield each batch's repairs.

    `conn` is in autocommit: a count is locked only while it is recounted. A second run finds
    nothing. Raises as `verify_catalogue` does.
    """
    for counts in scope.count_batches(conn):
        for drift in list_count_drift(conn, counter=counts.counter, parents=counts.parents):
            with translate_errors(), conn.transaction():
                repaired = repair_counts(conn, counter=drift.counter, parents=[drift.parent])
            if repaired:
                yield Repaired(counts=repaired)
        on_progress("counts", counts.rows)
    for summaries in scope.summary_batches(conn):
        with translate_errors(), conn.transaction():
            ids = repair_summaries(conn, ids=summaries.ids)
        if ids:
            yield Repaired(summaries=ids)
        on_progress("summaries", len(summaries.ids))
