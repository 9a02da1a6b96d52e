"""The report of a run: trends, a line for each interval, and Markdown at the end."""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.soak.intervals import CATALOGS, LOGS, PARENTS, SNAPSHOT, Interval
from benchmarks.soak.options import Options
from benchmarks.soak.sessions import SoakStats

# Sizes change by whole blocks, and costs with the number of pending changes.
LARGEST_GROWTH: Final = 1.25
MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Trend:
    """The median of each third of a run; NaN if nothing was measured."""

    what: str
    thirds: tuple[float, float, float]
    is_promised: bool

    @property
    def ratio(self) -> float:
        """The last third as a multiple of the second."""
        _, second, last = self.thirds
        return last / second if second else math.nan

    @property
    def is_flat(self) -> bool:
        """Whether it grew by no more than the allowed ratio; false if it was not measured."""
        return self.ratio <= LARGEST_GROWTH

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        if math.isnan(self.ratio):
            return "not measured"
        return "flat" if self.is_flat else "grows"


def _size(name: str) -> Callable[[Interval], float]:
    return lambda interval: interval.tables[name].total / MEGABYTE


def _dead(*names: str) -> Callable[[Interval], float]:
    return lambda interval: sum(interval.tables[name].dead for name in names)


PROMISED: Final[dict[str, Callable[[Interval], float]]] = {
    "blocks a page of artifacts": lambda interval: interval.page_blocks,
    "blocks a page of collections": lambda interval: interval.collection_blocks,
    **{f"{name}, MB": _size(name) for name in (*LOGS, SNAPSHOT)},
    "counted parents, MB": lambda interval: sum(_size(name)(interval) for name in PARENTS),
}
WATCHED: Final[dict[str, Callable[[Interval], float]]] = {
    "most blocks a page of artifacts": lambda interval: interval.worst_page_blocks,
    **{f"dead rows of {name}": _dead(name) for name in (*LOGS, SNAPSHOT)},
    "dead rows of counted parents": _dead(*PARENTS),
    "system catalogs, MB": lambda interval: sum(_size(name)(interval) for name in CATALOGS),
    "write transactions a second": lambda interval: interval.commits / interval.seconds,
    "pages a second": lambda interval: interval.pages / interval.seconds,
    "seconds a refresh": lambda interval: (
        interval.refresh_seconds / interval.refreshes if interval.refreshes else math.nan
    ),
    "MB of WAL a second": lambda interval: interval.wal / MEGABYTE / interval.seconds,
}


def list_trends(intervals: Sequence[Interval], seconds: float) -> list[Trend]:
    """Return the trends of a run of this length."""
    return [
        Trend(what, _thirds(intervals, seconds, of), is_promised)
        for chosen, is_promised in ((PROMISED, True), (WATCHED, False))
        for what, of in chosen.items()
    ]


def _thirds(
    intervals: Sequence[Interval], seconds: float, of: Callable[[Interval], float]
) -> tuple[float, float, float]:
    thirds: tuple[list[float], ...] = ([], [], [])
    for interval in intervals:
        middle = interval.ends - interval.seconds / 2
        thirds[min(2, int(3 * middle / seconds))].append(of(interval))
    first, second, last = (
        statistics.median(known) if (known := [x for x in third if not math.isnan(x)]) else math.nan
        for third in thirds
    )
    return first, second, last


@dataclass(frozen=True, slots=True)
class SoakResult:
    """The result of a soak: its server, options, counts and measurements."""

    server: str
    options: Options
    seconds: float
    stats: SoakStats
    intervals: Sequence[Interval]

    @property
    def trends(self) -> list[Trend]:
        """The trends over the thirds of the run."""
        return list_trends(self.intervals, self.seconds)

    @property
    def is_healthy(self) -> bool:
        """Whether nothing drifted and no session met an unexpected error."""
        stats = self.stats
        return bool(stats.counts["full checks"]) and not (stats.drift or stats.unexpected)

    @property
    def is_flat(self) -> bool:
        """Whether everything that is promised to stay flat did."""
        return all(trend.is_flat for trend in self.trends if trend.is_promised)


def render_interval(interval: Interval, stats: SoakStats) -> str:
    """Render an interval in one line."""
    sizes = [interval.tables[name].total / MEGABYTE for name in (*LOGS, SNAPSHOT)]
    dead = [interval.tables[name].dead for name in (*LOGS, SNAPSHOT)]
    return (
        f"{interval.ends:5.0f} s: {interval.commits / interval.seconds:.0f} writes/s, "
        f"{interval.pages / interval.seconds:.0f} pages/s of {interval.page_blocks:,.0f} blocks "
        f"(most {interval.worst_page_blocks:,.0f}), {interval.refreshes} refreshes; "
        f"counts, changes, snapshot {' '.join(f'{size:.1f}' for size in sizes)} MB, "
        f"{' '.join(f'{rows:,}' for rows in dead)} dead; "
        f"{interval.wal / MEGABYTE:.1f} MB WAL; drift {len(stats.drift)}"
    )


def render_report(run: SoakResult) -> str:
    """Render the whole run."""
    return "\n".join([*_what(run), "", *_table(run), "", *_totals(run), "", *_verdict(run)])


def _what(run: SoakResult) -> Iterator[str]:
    options = run.options
    yield (
        f"{run.server}, {run.seconds / 60:.1f} minutes: {options.artifacts:,} artifacts, "
        f"{options.writers} writers at {options.rate:g} transactions a second in all, "
        f"{options.readers} readers, {'faults' if options.faults else 'no faults'}."
    )


def _table(run: SoakResult) -> Iterator[str]:
    yield "| median of a third | first | second | last | last / second | |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    for trend in run.trends:
        first, second, last = (_number(third) for third in trend.thirds)
        verdict = trend.verdict if trend.is_promised else ""
        yield f"| {trend.what} | {first} | {second} | {last} | {_number(trend.ratio)} | {verdict} |"


def _totals(run: SoakResult) -> Iterator[str]:
    stats, counts = run.stats, run.stats.counts
    yield (
        f"- {counts['commits']:,} transactions committed and {counts['rollbacks']:,} rolled back, "
        f"{counts['pages']:,} pages read"
    )
    yield (
        f"- {len(stats.refreshes)} refreshes of {counts['changes refreshed']:,} changes in "
        f"{sum(stats.refreshes):.1f} s"
    )
    written = sum(interval.wal for interval in run.intervals)
    yield f"- {written / MEGABYTE:,.0f} MB of WAL, {_shares(run, written)}"
    vacuums = run.intervals[-1].vacuums if run.intervals else {}
    done = ", ".join(f"{name} {times}" for name, times in sorted(vacuums.items()) if times)
    yield f"- vacuums: {done or 'none'}"
    faults = ", ".join(f"{name} {times}" for name, times in sorted(stats.faults.items()))
    yield f"- faults: {faults or 'none'}"
    errors = ", ".join(f"{state} {times:,}" for state, times in sorted(stats.errors.items()))
    yield f"- errors by SQLSTATE: {errors or 'none'}"
    yield (
        f"- drift: {len(stats.drift)} in {counts['checks']:,} checks of a sample and "
        f"{counts['full checks']} of everything"
    )


def _shares(run: SoakResult, written: int) -> str:
    told = [each.refresh_wal for each in run.intervals if each.refresh_wal is not None]
    refreshed = sum(told)
    commits = run.stats.counts["commits"] or 1
    each = f"{(written - refreshed) / commits / 1000:.1f} kB a write transaction"
    if not told:
        return f"{each} with refreshes (PostgreSQL 18 or newer reports a session's own)"
    refreshes = len(run.stats.refreshes) or 1
    return f"{each}, {refreshed / refreshes / MEGABYTE:.2f} MB a refresh"


def _verdict(run: SoakResult) -> Iterator[str]:
    if run.is_flat:
        yield f"Flat: nothing that should stay flat grew by more than {LARGEST_GROWTH - 1:.0%}."
    else:
        others = [each for each in run.trends if each.is_promised and not each.is_flat]
        yield f"Not flat: {'; '.join(f'{each.what}, {each.verdict}' for each in others)}."
    yield "Healthy." if run.is_healthy else "Not healthy:"
    if not run.stats.counts["full checks"]:
        yield "- the last check of everything did not finish"
    for wrong in (*run.stats.drift[:20], *run.stats.unexpected[:20]):
        yield f"- {wrong}"


def _number(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"  # noqa: PLR2004
