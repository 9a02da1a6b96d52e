"""The measurements of each interval: sizes, dead rows, WAL, throughput, blocks a page."""

import statistics
from collections import Counter
from dataclasses import dataclass
from typing import Final

from psycopg import Connection
from psycopg.rows import class_row

from benchmarks.soak.sessions import NAME, REFRESHER, Soak

LOGS: Final = ("count_changes", "artifact_changes")
SNAPSHOT: Final = "artifact_summaries_snapshot"
PARENTS: Final = ("collections", "tags", "groups", "artifact_types")
TABLES: Final = (*LOGS, SNAPSHOT, "last_refresh", *PARENTS, "artifacts", "collection_artifacts")

# Every concurrent refresh makes a temporary table: these grow unless they are vacuumed.
CATALOGS: Final = ("pg_class", "pg_attribute", "pg_type", "pg_depend", "pg_index")


@dataclass(frozen=True, slots=True)
class Table:
    """The bytes of a table (TOAST included) and of its indexes, and its live and dead rows.

    Vacuums, automatic and manual, are counted since the server's statistics were reset.
    """

    name: str
    bytes: int
    index_bytes: int
    live: int
    dead: int
    autovacuums: int
    vacuums: int

    @property
    def total(self) -> int:
        """The bytes of the table and its indexes."""
        return self.bytes + self.index_bytes


TABLE_SIZES: Final = """
    select
        c.relname as name,
        pg_table_size(c.oid) as bytes,
        pg_indexes_size(c.oid) as index_bytes,
        coalesce(pg_stat_get_live_tuples(c.oid), 0) as live,
        coalesce(pg_stat_get_dead_tuples(c.oid), 0) as dead,
        coalesce(pg_stat_get_autovacuum_count(c.oid), 0) as autovacuums,
        coalesce(pg_stat_get_vacuum_count(c.oid), 0) as vacuums
    from pg_class as c
    where c.oid = any (%s::regclass[])
"""


def read_tables(conn: Connection) -> dict[str, Table]:
    """Return every watched table, by name."""
    with conn.cursor(row_factory=class_row(Table)) as cursor:
        found = cursor.execute(TABLE_SIZES, [[*TABLES, *CATALOGS]])
        return {each.name: each for each in found}


def read_wal_position(conn: Connection) -> int:
    """Return how many bytes of WAL the server has written."""
    return _number(conn, "select (pg_current_wal_insert_lsn() - '0/0')::bigint")


PER_SESSION: Final = 180_000


def read_refresher_wal(conn: Connection) -> tuple[int, int] | None:
    """Return the refresher's pid and its bytes of WAL; None without a session or before 18."""
    if conn.info.server_version < PER_SESSION:
        return None
    row = conn.execute(
        """
        select a.pid, w.wal_bytes::bigint
        from pg_stat_activity as a
        cross join lateral pg_stat_get_backend_wal(a.pid) as w
        where a.datname = current_database() and a.application_name = %s
        order by a.backend_start desc
        limit 1
        """,
        [f"{NAME} {REFRESHER}"],
    ).fetchone()
    return None if row is None else (row[0], row[1])


def _number(conn: Connection, statement: str) -> int:
    row = conn.execute(statement.encode()).fetchone()
    assert row is not None  # noqa: S101 - the statement always returns a row
    return int(row[0])


@dataclass(frozen=True, slots=True)
class Interval:
    """The events since the previous interval, and the sizes at its end.

    Page costs are in blocks: the median and the largest. `refresh_wal` is None if the server does
    not report it. Vacuums are counted since the start.
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


class IntervalRecorder:
    """A recorder of intervals that continues after a crash of the server."""

    def __init__(self, soak: Soak) -> None:
        self._soak = soak
        self._counts: Counter[str] = Counter()
        self._refreshes = 0
        self._page_costs = 0
        self._ended = 0.0
        self._wal: int | None = None
        self._refresher: tuple[int, int] | None = None
        self._told: dict[str, tuple[int, int]] = {}
        self._vacuums: Counter[str] = Counter()
        self.intervals: list[Interval] = []

    def begin(self, conn: Connection) -> None:
        """Record the starting values."""
        self._wal = read_wal_position(conn)
        self._count_vacuums(read_tables(conn))
        self._vacuums.clear()

    def measure(self, conn: Connection) -> Interval:
        """Add the interval that ends now; return it."""
        found, written, by_refresher = (
            read_tables(conn),
            read_wal_position(conn),
            read_refresher_wal(conn),
        )
        stats, now = self._soak.stats, self._soak.seconds
        counts = Counter(stats.counts)
        refreshes = stats.refreshes[self._refreshes :]
        page_costs = stats.page_costs[self._page_costs :]
        self._count_vacuums(found)
        interval = Interval(
            ends=now,
            seconds=now - self._ended,
            commits=counts["commits"] - self._counts["commits"],
            pages=counts["pages"] - self._counts["pages"],
            page_blocks=_median([artifacts for artifacts, _ in page_costs]),
            worst_page_blocks=max((artifacts for artifacts, _ in page_costs), default=NOTHING),
            collection_blocks=_median([collections for _, collections in page_costs]),
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
        self._page_costs += len(page_costs)
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
