"""A run in words: a line an interval, and Markdown at the end."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.soak.options import Options
from benchmarks.soak.samples import LOGS, SNAPSHOT
from benchmarks.soak.series import Interval
from benchmarks.soak.tally import Tally
from benchmarks.soak.verdict import MEGABYTE, MOST, Trend, trends


@dataclass(frozen=True, slots=True)
class Run:
    """A soak that has ended: on which server, what was asked, what was counted and measured."""

    server: str
    options: Options
    seconds: float
    tally: Tally
    intervals: Sequence[Interval]

    @property
    def trends(self) -> list[Trend]:
        """What was measured in each third."""
        return trends(self.intervals, self.seconds)

    @property
    def is_healthy(self) -> bool:
        """Whether nothing drifted and nobody met an error that is not to be expected."""
        tally = self.tally
        return bool(tally.counts["full looks"]) and not (tally.drifted or tally.unexpected)

    @property
    def is_flat(self) -> bool:
        """Whether all that is promised to stay flat did."""
        return all(trend.is_flat for trend in self.trends if trend.is_promised)


def line(interval: Interval, tally: Tally) -> str:
    """An interval in one line."""
    sizes = [interval.tables[name].total / MEGABYTE for name in (*LOGS, SNAPSHOT)]
    dead = [interval.tables[name].dead for name in (*LOGS, SNAPSHOT)]
    return (
        f"{interval.ends:5.0f} s: {interval.commits / interval.seconds:.0f} writes/s, "
        f"{interval.pages / interval.seconds:.0f} pages/s of {interval.page_blocks:,.0f} blocks "
        f"(most {interval.worst_page_blocks:,.0f}), {interval.refreshes} refreshes; "
        f"counts, changes, snapshot {' '.join(f'{size:.1f}' for size in sizes)} MB, "
        f"{' '.join(f'{rows:,}' for rows in dead)} dead; "
        f"{interval.wal / MEGABYTE:.1f} MB WAL; drift {len(tally.drifted)}"
    )


def markdown(run: Run) -> str:
    """The whole run."""
    return "\n".join([*_what(run), "", *_table(run), "", *_totals(run), "", *_verdict(run)])


def _what(run: Run) -> Iterator[str]:
    options = run.options
    yield (
        f"{run.server}, {run.seconds / 60:.1f} minutes: {options.artifacts:,} artifacts, "
        f"{options.writers} writers at {options.rate:g} transactions a second in all, "
        f"{options.readers} readers, {'faults' if options.faults else 'no faults'}."
    )


def _table(run: Run) -> Iterator[str]:
    yield "| median of a third | first | second | last | last / second | |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    for trend in run.trends:
        first, second, last = (_number(third) for third in trend.thirds)
        said = trend.said if trend.is_promised else ""
        yield f"| {trend.what} | {first} | {second} | {last} | {_number(trend.ratio)} | {said} |"


def _totals(run: Run) -> Iterator[str]:
    tally, counts = run.tally, run.tally.counts
    yield (
        f"- {counts['commits']:,} transactions committed and {counts['rollbacks']:,} rolled back, "
        f"{counts['pages']:,} pages read"
    )
    yield (
        f"- {len(tally.refreshes)} refreshes of {counts['changes refreshed']:,} changes in "
        f"{sum(tally.refreshes):.1f} s"
    )
    written = sum(interval.wal for interval in run.intervals)
    yield f"- {written / MEGABYTE:,.0f} MB of WAL, {_shares(run, written)}"
    vacuums = run.intervals[-1].vacuums if run.intervals else {}
    done = ", ".join(f"{name} {times}" for name, times in sorted(vacuums.items()) if times)
    yield f"- vacuums: {done or 'none'}"
    errors = ", ".join(f"{state} {times:,}" for state, times in sorted(tally.errors.items()))
    yield f"- errors by SQLSTATE: {errors or 'none'}"
    yield (
        f"- drift: {len(tally.drifted)} in {counts['looks']:,} looks at a sample and "
        f"{counts['full looks']} at everything"
    )


def _shares(run: Run, written: int) -> str:
    told = [each.refresh_wal for each in run.intervals if each.refresh_wal is not None]
    refreshed = sum(told)
    commits = run.tally.counts["commits"] or 1
    each = f"{(written - refreshed) / commits / 1000:.1f} kB a write transaction"
    if not told:
        return f"{each} with refreshes (before 18 no session's own is known)"
    refreshes = len(run.tally.refreshes) or 1
    return f"{each}, {refreshed / refreshes / MEGABYTE:.2f} MB a refresh"


def _verdict(run: Run) -> Iterator[str]:
    if run.is_flat:
        yield f"Flat: nothing that should stay as it is grew by more than {MOST - 1:.0%}."
    else:
        others = [each for each in run.trends if each.is_promised and not each.is_flat]
        yield f"Not flat: {'; '.join(f'{each.what}, {each.said}' for each in others)}."
    yield "Healthy." if run.is_healthy else "Not healthy:"
    if not run.tally.counts["full looks"]:
        yield "- the last look at everything did not come to its end"
    for wrong in (*run.tally.drifted[:20], *run.tally.unexpected[:20]):
        yield f"- {wrong}"


def _number(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"  # noqa: PLR2004
