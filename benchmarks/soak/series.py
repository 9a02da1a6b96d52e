"""What was measured, interval by interval."""

import statistics
from collections import Counter
from dataclasses import dataclass
from typing import Final

from psycopg import Connection

from benchmarks.soak.samples import Table, refresher_wal, tables, wal
from benchmarks.soak.sessions import Soak


@dataclass(frozen=True, slots=True)
class Interval:
    """What happened since the interval before, and the sizes at its end.

    Pages are in blocks: the median and the most that one took. `refresh_wal` is None where the
    server does not tell. Vacuums are counted since the beginning.
    """

    ends: float
    seconds: float
    commits: int
    pages: int
    page_blocks: float
    worst_page_blocks: float
    collection_blocks: float
    refreshes: int
    refresh_seconds: float
    wal: int
    refresh_wal: int | None
    tables: dict[str, Table]
    vacuums: Counter[str]


class Series:
    """Makes an interval of what has happened since the last; survives a crash of the server."""

    def __init__(self, soak: Soak) -> None:
        self._soak = soak
        self._counts: Counter[str] = Counter()
        self._refreshes = 0
        self._gauged = 0
        self._ended = 0.0
        self._wal: int | None = None
        self._refresher: tuple[int, int] | None = None
        self._told: dict[str, tuple[int, int]] = {}
        self._vacuums: Counter[str] = Counter()
        self.intervals: list[Interval] = []

    def begin(self, conn: Connection) -> None:
        """Note where everything stands."""
        self._wal = wal(conn)
        self._count_vacuums(tables(conn))
        self._vacuums.clear()

    def measure(self, conn: Connection) -> Interval:
        """Add an interval, which ends now."""
        found, written, by_refresher = tables(conn), wal(conn), refresher_wal(conn)
        tally, now = self._soak.tally, self._soak.seconds
        counts = Counter(tally.counts)
        refreshes = tally.refreshes[self._refreshes :]
        gauged = tally.gauged[self._gauged :]
        self._count_vacuums(found)
        interval = Interval(
            ends=now,
            seconds=now - self._ended,
            commits=counts["commits"] - self._counts["commits"],
            pages=counts["pages"] - self._counts["pages"],
            page_blocks=_median([artifacts for _, artifacts, _ in gauged]),
            worst_page_blocks=max((artifacts for _, artifacts, _ in gauged), default=NOTHING),
            collection_blocks=_median([collections for _, _, collections in gauged]),
            refreshes=len(refreshes),
            refresh_seconds=sum(refreshes),
            wal=written - (self._wal or 0),
            refresh_wal=self._more(by_refresher),
            tables=found,
            vacuums=self._vacuums.copy(),
        )
        self._counts, self._ended, self._wal = counts, now, written
        self._refresher = by_refresher or self._refresher
        self._refreshes += len(refreshes)
        self._gauged += len(gauged)
        self.intervals.append(interval)
        return interval

    def _more(self, now: tuple[int, int] | None) -> int | None:
        if now is None:
            return None
        same_session = self._refresher is not None and self._refresher[0] == now[0]
        before = self._refresher[1] if self._refresher and same_session else 0
        return max(0, now[1] - before)

    def _count_vacuums(self, found: dict[str, Table]) -> None:
        # A crash resets the statistics.
        for name, table in found.items():
            before = self._told.get(name, (0, 0))
            now = (table.autovacuums, table.vacuums)
            self._vacuums[name] += sum(
                new - old if new >= old else new for new, old in zip(now, before, strict=True)
            )
            self._told[name] = now


NOTHING: Final = float("nan")


def _median(values: list[int]) -> float:
    return statistics.median(values) if values else NOTHING
