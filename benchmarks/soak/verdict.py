"""Whether what should stay flat did: the last third of the run against the second."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.soak.samples import CATALOGS, LOGS, PARENTS, SNAPSHOT
from benchmarks.soak.series import Interval

# Sizes change by whole blocks and costs with what is pending just then.
MOST: Final = 1.25
MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Trend:
    """The median of each third of a run: NaN where nothing was measured."""

    what: str
    thirds: tuple[float, float, float]
    is_promised: bool

    @property
    def ratio(self) -> float:
        """The last third to the second."""
        _, second, last = self.thirds
        return last / second if second else math.nan

    @property
    def is_flat(self) -> bool:
        """Whether it grew by no more than is allowed, so far as it was measured."""
        return self.ratio <= MOST

    @property
    def said(self) -> str:
        """The same in a word."""
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


def trends(intervals: Sequence[Interval], seconds: float) -> list[Trend]:
    """What was measured in each third of a run that took so long."""
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
