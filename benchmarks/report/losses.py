"""Where ours loses, found in the figures, and why."""

from collections.abc import Iterator
from typing import Final

from benchmarks.reads.contender import Request
from benchmarks.reads.suite import EXACT, LIVE_JOINS
from benchmarks.suite import Ladder
from benchmarks.writes.variant import (
    IVM,
    LEDGER,
    OURS,
    ROW,
    STATEMENT,
    SUMMARY,
    UNCOUNTED,
    UNLOGGED,
)

# A median that is nearer than this may change sides in the next run.
NEAR: Final = 1.05

BECAUSE: Final = {
    UNCOUNTED: "nobody counts",
    LEDGER: "it never folds: its readers sum a ledger that grows with every write",
    UNLOGGED: "it notes no changes: its pages would be stale until the next refresh",
    ROW: "one client never waits for itself, and one UPDATE is less work than an append, a try at "
    "commit and what settles it",
    STATEMENT: "with nobody else about, one UPDATE is less work than an append and what settles it",
    SUMMARY: "nobody else is about",
    IVM: "nobody else is about",
}


def reading(ladder: Ladder) -> str:
    """The rungs that are faster than ours, request by request."""
    lines = list(_faster_readers(ladder))
    if not lines:
        return "No rung is faster than ours in any of them.\n"
    return "".join(f"- {line}\n" for line in lines)


def _faster_readers(ladder: Ladder) -> Iterator[str]:
    for request in Request:
        times = ladder.read.times[request]
        for rung in ladder.read.rungs:
            ratio = times.ratio(EXACT, rung.name)
            if ratio is not None and ratio.median > NEAR and not rung.name.startswith("ours"):
                why = rung.faster or "its statement is smaller"
                yield f"{request}, {ratio.median:.1f} times as fast: {rung.name}; {why}."


def growth(ladder: Ladder) -> str:
    """Where joins by hand are faster than ours as something grows."""
    grown = ladder.grown
    places = [
        *((f"{size:,} artifacts", rounds) for size, rounds in grown.sizes.items()),
        *((f"changed: {changes}", rounds) for changes, rounds in grown.changes.items()),
        *(
            (f"collections an artifact: {each}", rounds)
            for each, rounds in grown.memberships.items()
        ),
    ]
    lines = [
        f"- {where}: {ratio.median:.1f} times as fast.\n"
        for where, rounds in places
        if (ratio := rounds.ratio(EXACT, LIVE_JOINS)) is not None and ratio.median > NEAR
    ]
    return "".join(lines) or "Nowhere.\n"


def writing(ladder: Ladder) -> str:
    """The variants that get more done than ours, workload by workload."""
    lines = []
    for workload in ladder.written.runs:
        rates = ladder.written.throughput(workload)
        faster = [
            f"{each.name} ({ratio.median:.2f})"
            for each in ladder.written.variants
            if (ratio := rates.ratio(each.name, OURS)) is not None and ratio.median > NEAR
        ]
        if faster:
            lines.append(f"- {workload.name}: {', '.join(faster)}.\n")
    return "".join(lines) or "None does.\n"


def reasons(ladder: Ladder) -> str:
    """Why a variant may get more done."""
    return "".join(
        f"- {each.name}: {BECAUSE[each.name]}.\n"
        for each in ladder.written.variants
        if each.name in BECAUSE
    )
