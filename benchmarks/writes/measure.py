"""The measurement of writes by every variant: many clients, and one large statement."""

import time
from dataclasses import dataclass
from functools import partial
from typing import Final

import psycopg
from psycopg.errors import QueryCanceled
from psycopg.sql import SQL, Literal

from benchmarks.rounds import CONSOLE, Rounds, Scale, measure_in_turn
from benchmarks.writes.pgbench import PgbenchResult, run_pgbench
from benchmarks.writes.profile import Profile, measure_profile
from benchmarks.writes.variants import OURS, Variant, VariantDatabase, list_variants, open_databases
from benchmarks.writes.workloads import COLLECTIONS, Workload, list_workloads

INSERT: Final = """
    insert into collection_artifacts (collection_id, artifact_id)
    select 'c' || 1 + i % {collections}, 'skill:a' || i from generate_series(1, {artifacts}) as i
"""


@dataclass(frozen=True, slots=True)
class BulkResult:
    """The seconds of a bulk insert, None if it was cancelled; the bytes of WAL a membership."""

    seconds: float | None
    wal: float
    drift: int


def insert_in_bulk(database: VariantDatabase, patience: float) -> BulkResult:
    """Add every artifact to one collection in one statement, equally many to each collection."""
    database.reset(with_members=False)
    statement = SQL(INSERT).format(
        collections=Literal(COLLECTIONS), artifacts=Literal(database.artifacts)
    )
    written = database.read_wal_position()
    database.conn.execute(f"set statement_timeout = {patience * 1e3:.0f}".encode())
    started = time.perf_counter()
    try:
        database.conn.execute(statement)
    except QueryCanceled:
        seconds = None
    else:
        seconds = time.perf_counter() - started
    finally:
        database.conn.execute("reset statement_timeout")
    return BulkResult(
        seconds,
        (database.read_wal_position() - written) / database.artifacts,
        database.count_drift(),
    )


@dataclass(frozen=True, slots=True)
class WriteResults:
    """The runs of each variant, one for each round, by workload."""

    variants: tuple[Variant, ...]
    runs: dict[Workload, dict[str, list[PgbenchResult]]]
    bulk: dict[str, list[BulkResult]]
    profile: Profile

    def throughput(self, workload: Workload) -> Rounds:
        """Return the transactions a second of each variant."""
        runs = self.runs[workload]
        return Rounds("/s", {name: [each.throughput for each in runs[name]] for name in runs})

    def bulk_seconds(self) -> Rounds:
        """Return the seconds of each variant; none if any of its rounds was cancelled."""
        return Rounds(
            "s",
            {
                name: [] if None in seconds else [each for each in seconds if each is not None]
                for name, found in self.bulk.items()
                for seconds in [[each.seconds for each in found]]
            },
        )


def measure_writes(url: str, scale: Scale) -> WriteResults:
    """Run every workload on every variant, each in a database of its own."""
    with psycopg.connect(url) as conn:
        found = tuple(list_variants(conn))
    CONSOLE.print(f"building {scale.bulk:,} artifacts for {len(found)} variants")
    with open_databases(url, found, artifacts=scale.bulk) as built:
        runs = {
            workload: measure_in_turn(
                workload.name,
                scale.write_rounds,
                built,
                partial(run_pgbench, workload=workload, seconds=scale.write_seconds),
            )
            for workload in list_workloads(scale)
        }
        return WriteResults(found, runs, _bulk(built, scale), measure_profile(built[OURS]))


def _bulk(built: dict[str, VariantDatabase], scale: Scale) -> dict[str, list[BulkResult]]:
    given_up: dict[str, BulkResult] = {}

    def once(database: VariantDatabase) -> BulkResult:
        name = database.variant.name
        if name in given_up:
            return given_up[name]
        found = insert_in_bulk(database, scale.patience)
        if found.seconds is None:
            given_up[name] = found
        return found

    return measure_in_turn(f"{scale.bulk:,} memberships at once", scale.write_rounds, built, once)
