"""Verify and repair a batch at a time: each in a snapshot, or a transaction, of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from skillmeat.errors import translate_errors
from skillmeat.maintenance.counts import Drift, drift, repair
from skillmeat.maintenance.foreign_keys import Dangling, dangling
from skillmeat.maintenance.scope import CATALOGUE, Scope
from skillmeat.maintenance.summaries import SummaryDrift, repair_summaries, summary_drift
from skillmeat.query import Conn

# What was looked at, and how much more of it.
OnProgress: TypeAlias = Callable[[str, int], None]


def verified(
    conn: Conn, *, scope: Scope = CATALOGUE, on_progress: OnProgress = lambda _what, _done: None
) -> Iterator[Drift | SummaryDrift | Dangling]:
    """Every count and summary that differs from the truth, as it is found: none means healthy.

    Last, of a whole catalogue, the foreign keys that do not hold.

    `conn` is in autocommit: each batch is compared in a snapshot of its own, which is over before
    it could keep anything from being vacuumed, and nobody waits. Raises `UnknownCollection` and,
    once the counts are through, `NotPopulated`.
    """
    for counts in scope.counts(conn):
        yield from drift(conn, counter=counts.counter, parents=counts.parents)
        on_progress("counts", counts.work)
    for summaries in scope.summaries(conn):
        yield from summary_drift(conn, ids=summaries.ids)
        on_progress("summaries", summaries.work)
    if scope == CATALOGUE:
        on_progress("references", 0)
        yield from dangling(conn)


@dataclass(frozen=True, slots=True)
class Mended:
    """What a batch of a repair mended: counts as they were, and ids of artifacts."""

    counts: tuple[Drift, ...] = ()
    summaries: tuple[str, ...] = ()


def repaired(
    conn: Conn, *, scope: Scope = CATALOGUE, on_progress: OnProgress = lambda _what, _done: None
) -> Iterator[Mended]:
    """Mend what drifts while writers go on, and tell of each batch that had to be.

    `conn` is in autocommit: a count is held for as long as it is recounted, no longer. Run again it
    finds nothing. Raises as `verified` does.
    """
    for counts in scope.counts(conn):
        for each in drift(conn, counter=counts.counter, parents=counts.parents):
            with translate_errors(), conn.transaction():
                mended = repair(conn, counter=each.counter, parents=[each.parent])
            if mended:
                yield Mended(counts=mended)
        on_progress("counts", counts.work)
    for summaries in scope.summaries(conn):
        with translate_errors(), conn.transaction():
            ids = repair_summaries(conn, ids=summaries.ids)
        if ids:
            yield Mended(summaries=ids)
        on_progress("summaries", summaries.work)
