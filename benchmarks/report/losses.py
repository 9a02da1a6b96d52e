"""The cases in which ours loses, found in the figures, with reasons."""

from collections.abc import Iterator
from typing import Final

from benchmarks.reads.contenders import EXACT, LIVE_JOINS
from benchmarks.reads.reader import Request
from benchmarks.suite import Results
from benchmarks.writes.variants import (
    IVM,
    LEDGER,
    OURS,
    ROW,
    STATEMENT,
    SUMMARY,
    UNCOUNTED,
    UNLOGGED,
)

# A smaller difference than this may be reversed in the next run.
NEAR: Final = 1.05

BECAUSE: Final = {
    UNCOUNTED: "it keeps no count",
    LEDGER: "it never adds up its rows, and its readers sum a ledger that grows with every write",
    UNLOGGED: "it logs no changes, so its pages would be stale until the next refresh",
    ROW: "a lone client never waits, and an UPDATE is less work than an append and a settled count",
    STATEMENT: "a lone client never waits, and an UPDATE is less work than an append and a settled "
    "count",
    SUMMARY: "a lone client never waits",
    IVM: "a lone client never waits",
}


def render_faster_readers(results: Results) -> str:
    """Render the contenders that are faster than ours, by request."""
    lines = list(_faster_readers(results))
    if not lines:
        return "No contender is faster than ours.\n"
    return "".join(f"- {line}\n" for line in lines)


def _faster_readers(results: Results) -> Iterator[str]:
    for request in Request:
        times = results.reads.times[request]
        for contender in results.reads.contenders:
            ratio = times.ratio(EXACT, contender.name)
            if ratio is not None and ratio.median > NEAR and not contender.name.startswith("ours"):
                why = contender.tradeoff or "its statement is smaller"
                yield f"{request}: {contender.name}, {ratio.median:.1f} times as fast; {why}."


def render_faster_joins(results: Results) -> str:
    """Render the cases in which joins by hand are faster than ours."""
    scaling = results.scaling
    places = [
        *((f"{size:,} artifacts", rounds) for size, rounds in scaling.sizes.items()),
        *((f"changed: {changes}", rounds) for changes, rounds in scaling.changes.items()),
        *(
            (f"collections an artifact: {each}", rounds)
            for each, rounds in scaling.memberships.items()
        ),
    ]
    lines = [
        f"- {where}: {ratio.median:.1f} times as fast.\n"
        for where, rounds in places
        if (ratio := rounds.ratio(EXACT, LIVE_JOINS)) is not None and ratio.median > NEAR
    ]
    return "".join(lines) or "They are not faster in any of these cases.\n"


def render_faster_writers(results: Results) -> str:
    """Render the variants with a higher throughput than ours, by workload."""
    lines = []
    for workload in results.writes.workloads:
        rates = results.writes.throughput(workload)
        faster = [
            f"{each.name} ({ratio.median:.2f})"
            for each in results.writes.variants
            if (ratio := rates.ratio(each.name, OURS)) is not None and ratio.median > NEAR
        ]
        if faster:
            lines.append(f"- {workload.name}: {', '.join(faster)}.\n")
    return "".join(lines) or "No variant is faster than ours.\n"


def render_reasons(results: Results) -> str:
    """Render the reasons why a variant may have a higher throughput."""
    return "".join(
        f"- {each.name}: {BECAUSE[each.name]}.\n"
        for each in results.writes.variants
        if each.name in BECAUSE
    )
