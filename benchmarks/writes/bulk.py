"""Many memberships in one statement."""

import time
from dataclasses import dataclass
from typing import Final

from psycopg.errors import QueryCanceled
from psycopg.sql import SQL, Literal

from benchmarks.writes.stage import Stage
from benchmarks.writes.workload import COLLECTIONS

INSERT: Final = """
    insert into collection_artifacts (collection_id, artifact_id)
    select 'c' || 1 + i % {collections}, 'skill:a' || i from generate_series(1, {artifacts}) as i
"""


@dataclass(frozen=True, slots=True)
class Bulk:
    """Seconds, or None where it was given up; bytes of WAL a membership."""

    seconds: float | None
    wal: float
    drift: int


def insert(stage: Stage, patience: float) -> Bulk:
    """Add every artifact to a collection, each collection getting as many, in one statement."""
    stage.begin(with_members=False)
    statement = SQL(INSERT).format(
        collections=Literal(COLLECTIONS), artifacts=Literal(stage.artifacts)
    )
    written = stage.wal()
    stage.conn.execute(f"set statement_timeout = {patience * 1e3:.0f}".encode())
    started = time.perf_counter()
    try:
        stage.conn.execute(statement)
    except QueryCanceled:
        seconds = None
    else:
        seconds = time.perf_counter() - started
    finally:
        stage.conn.execute("reset statement_timeout")
    return Bulk(seconds, (stage.wal() - written) / stage.artifacts, stage.drift())
