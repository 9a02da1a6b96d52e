"""What was measured, as tables in Markdown: medians, with the least and the largest in brackets."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from benchmarks.reads.contender import Request
from benchmarks.reads.suite import EXACT
from benchmarks.report.goals import Goal
from benchmarks.rounds import Rounds
from benchmarks.suite import Ladder
from benchmarks.writes.clients import Run
from benchmarks.writes.variant import UNCOUNTED
from benchmarks.writes.workload import Workload

NONE = "-"


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table whose first column is text and whose others are figures."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines) + "\n"


def goals(found: Iterable[Goal]) -> str:
    """The bounds and what became of them."""
    return markdown(
        ("", "goal", "measured", "met"),
        (
            (each.what, each.bound, each.measured, "yes" if each.is_met else "**no**")
            for each in found
        ),
    )


def reading(ladder: Ladder, request: Request) -> str:
    """Every rung's time for one request, and the server's work for it."""
    times = ladder.read.times[request]
    return markdown(
        ("", "ms", f"of {EXACT}", "of it in the server", "statements", "rows", "blocks"),
        (
            (
                rung.name,
                spread(times, rung.name),
                times.ratio(rung.name, EXACT) or NONE,
                *_work(ladder, rung.name, request),
            )
            for rung in ladder.read.rungs
        ),
    )


def _work(ladder: Ladder, rung: str, request: Request) -> Iterator[str]:
    work = ladder.read.works.get(rung, {}).get(request)
    if work is None:
        yield from (NONE, NONE, NONE, NONE)
    else:
        yield figure(work.milliseconds)
        yield f"{work.statements:,.3g}" if work.statements < 10 else f"{work.statements:,.0f}"  # noqa: PLR2004
        yield f"{work.rows:,.0f}"
        yield f"{work.blocks:,.0f}"


def rungs(ladder: Ladder) -> str:
    """What each rung does."""
    return "".join(f"- **{rung.name}**: {rung.how}.\n" for rung in ladder.read.rungs)


def variants(ladder: Ladder) -> str:
    """Who keeps the counts."""
    return "".join(f"- **{each.name}**: {each.how}.\n" for each in ladder.written.variants)


def staleness(ladder: Ladder) -> str:
    """How old answers were."""
    return markdown(
        ("", "at worst", "on average", "a write took"),
        (
            (each.name, f"{each.worst:.2f} s", f"{each.mean:.2f} s", duration(each.write))
            for each in ladder.stale
        ),
    )


def growth(of: str, found: dict[int, Rounds] | dict[str, Rounds]) -> str:
    """A page on every line as something grows."""
    lines = list(next(iter(found.values())).values)
    return markdown(
        (of, *(f"{line}, ms" for line in lines)),
        (
            (f"{key:,}" if isinstance(key, int) else key, *(spread(rounds, each) for each in lines))
            for key, rounds in found.items()
        ),
    )


def refreshes(ladder: Ladder) -> str:
    """What refreshes cost."""
    return markdown(
        ("artifacts", "changed", "time", "WAL", "WAL a change"),
        (
            (
                f"{each.artifacts:,}",
                f"{each.changes:,}",
                duration(each.seconds),
                size(each.wal),
                size(each.wal / each.changes),
            )
            for each in ladder.grown.refreshes
        ),
    )


def writing(ladder: Ladder, workload: Workload) -> str:
    """Every variant under one workload."""
    runs = ladder.written.runs[workload]
    rates = ladder.written.throughput(workload)
    return markdown(
        (
            "",
            "a second",
            f"of {UNCOUNTED}",
            "p50 ms",
            "p99 ms",
            "waiting",
            "deadlocks",
            "40001",
            "WAL",
        ),
        (
            (
                each.name,
                f"{rates.median(each.name):,.0f}",
                rates.ratio(each.name, UNCOUNTED) or NONE,
                *_run(runs[each.name]),
            )
            for each in ladder.written.variants
        ),
    )


def _run(runs: Sequence[Run]) -> Iterator[str]:
    yield f"{statistics.median(run.p50 for run in runs):,.2f}"
    yield f"{statistics.median(run.p99 for run in runs):,.2f}"
    yield f"{statistics.median(run.waiting for run in runs):.1f}"
    yield f"{sum(run.deadlocks for run in runs)}"
    yield f"{sum(run.serialization_failures for run in runs)}"
    yield size(statistics.median(run.wal for run in runs))


def bulk(ladder: Ladder) -> str:
    """Every variant's time for one large statement."""
    seconds = ladder.written.bulk_seconds()
    given_up = f"given up after {ladder.scale.patience:g} s"
    return markdown(
        ("", "s", f"of {UNCOUNTED}", "WAL a membership"),
        (
            (
                each.name,
                spread(seconds, each.name) if seconds.values[each.name] else given_up,
                seconds.ratio(each.name, UNCOUNTED) or NONE,
                size(statistics.median(run.wal for run in ladder.written.bulk[each.name])),
            )
            for each in ladder.written.variants
        ),
    )


def parts(ladder: Ladder) -> str:
    """What one membership takes, with more and more of what is done for it."""
    found = ladder.written.profile.parts
    names = list(found.values)
    medians = [statistics.median(values) for values in found.values.values()]
    added = [NONE, *(f"{after - before:,.0f}" for before, after in pairwise(medians))]
    rows = (
        (name, spread(found, name), more, found.ratio(name, names[0]) or NONE)
        for name, more in zip(names, added, strict=True)
    )
    return markdown(("", "µs, with those above", "adds", f"of {names[0]}"), rows)


def profile(ladder: Ladder) -> str:
    """The statements that its triggers run."""
    statements = ladder.written.profile.statements
    if statements is None:
        return "The server has no pg_stat_statements to tell which statements those are.\n"
    return markdown(
        ("statement", "µs", "WAL"),
        ((f"`{each.text[:96]}`", f"{each.micros:,.1f}", size(each.wal)) for each in statements),
    )


def spread(rounds: Rounds, name: str) -> str:
    """The median, and in brackets the least and the largest."""
    median, between = rounds.median(name), rounds.spread(name)
    if median is None or between is None:
        return NONE
    return f"{figure(median)} ({figure(between[0])} to {figure(between[1])})"


def figure(value: float) -> str:
    """Three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004


def duration(seconds: float) -> str:
    """Milliseconds or seconds."""
    return f"{seconds * 1e3:,.3g} ms" if seconds < 1 else f"{seconds:,.3g} s"


def size(octets: float) -> str:
    """Bytes, kB or MB."""
    for unit, scale in (("MB", 2**20), ("kB", 2**10)):
        if octets >= scale:
            return f"{figure(octets / scale)} {unit}"
    return f"{octets:.0f} B"
