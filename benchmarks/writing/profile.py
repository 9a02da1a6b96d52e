"""Where the time of one membership goes: what its triggers run, as the server saw it."""

import time
from dataclasses import dataclass
from typing import Final

from psycopg import Connection

from benchmarks.reading.work import can_see
from benchmarks.writing.stage import Stage
from skillmeat import connect

WRITES: Final = 3_000

ONE: Final = """
    insert into collection_artifacts (collection_id, artifact_id)
    select 'c' || 1 + n % 2000, 'skill:a' || n from (select nextval('turn')) as s (n)
"""

SEEN: Final = """
    select
        regexp_replace(query, '\\s+', ' ', 'g'),
        (total_plan_time + total_exec_time) / %(writes)s * 1000,
        wal_bytes::float8 / %(writes)s
    from public.pg_stat_statements
    where calls >= %(writes)s / 2 and query not like '%%nextval%%'
    order by 2 desc
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """Microseconds and bytes of WAL a membership."""

    text: str
    micros: float
    wal: float


@dataclass(frozen=True, slots=True)
class Profile:
    """What one membership takes, commit included, and the statements that are part of it."""

    micros: float
    statements: list[Statement]


def profile(stage: Stage) -> Profile | None:
    """Write three thousand, one after the other; None where the server counts no statements."""
    stage.begin(with_members=False)
    with connect(stage.url, schema="public", autocommit=True) as admin:
        if not can_see(admin):
            return None
    track = "-c pg_stat_statements.track=all -c pg_stat_statements.track_planning=on"
    with connect(stage.url, options=track, autocommit=True) as conn:
        _write(conn, 100)
        conn.execute("select public.pg_stat_statements_reset()")
        micros = _write(conn, WRITES)
        rows = conn.execute(SEEN, {"writes": WRITES}).fetchall()
    return Profile(micros, [Statement(*row) for row in rows])


def _write(conn: Connection, times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        conn.execute(ONE, prepare=True)
    return (time.perf_counter() - started) / times * 1e6
