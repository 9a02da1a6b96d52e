"""What a refresh costs against the catalogue's size and the number of changes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import Connection

from benchmarks.dataset import Shape
from benchmarks.rounds import CONSOLE
from benchmarks.scaling.pages import CHANGE
from skillmeat import connect


@dataclass(frozen=True, slots=True)
class Refresh:
    """Seconds and bytes of WAL of one refresh."""

    artifacts: int
    changes: int
    seconds: float
    wal: float


def measure_refreshes(urls: Mapping[int, tuple[str, Shape]], most: int) -> list[Refresh]:
    """A hundredth changed at every size, and more and more on the catalogue of `most` artifacts."""
    found = []
    for size, (url, _) in urls.items():
        shares = (1000, 100, 10, 1) if size == most else (100,)
        with connect(url, autocommit=True) as conn:
            for share in shares:
                CONSOLE.print(f"a refresh of {size:,} artifacts, {size // share:,} changed")
                found.append(_refresh(conn, size, size // share))
    return found


def _refresh(conn: Connection, artifacts: int, changes: int) -> Refresh:
    conn.execute("select refresh_artifact_summaries()")
    conn.execute(CHANGE, (changes,))
    conn.execute("checkpoint")
    before = _wal(conn)
    started = time.perf_counter()
    conn.execute("select refresh_artifact_summaries()")
    seconds = time.perf_counter() - started
    return Refresh(artifacts, changes, seconds, _wal(conn) - before)


def _wal(conn: Connection) -> float:
    row = conn.execute("select (pg_current_wal_insert_lsn() - '0/0')::float8").fetchone()
    assert row is not None  # noqa: S101 - a function has its row
    return float(row[0])
