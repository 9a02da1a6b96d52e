"""The measurement of writes by every variant: many clients, and one large statement."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

import psycopg
from psycopg.errors import QueryCanceled
from psycopg.sql import SQL, Literal

from benchmarks.rounds import CONSOLE, Rounds, Scale, measure_in_turn
from benchmarks.writes.pgbench import PgbenchResult, run_pgbench, slow_down_commits
from benchmarks.writes.profile import Profile, measure_profile
from benchmarks.writes.variants import (
    OURS,
    ROW,
    UNCOUNTED,
    Variant,
    VariantDatabase,
    list_variants,
    open_databases,
)
from benchmarks.writes.workloads import (
    COLLECTIONS,
    SINGLE,
    Workload,
    list_workloads,
    one_hot_collection,
)

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
    workloads: tuple[Workload, ...]
    runs: dict[str, dict[str, list[PgbenchResult]]]
    slow_commits: dict[str, dict[str, list[PgbenchResult]]]
    """The runs of some variants and workloads in which each commit takes a millisecond longer."""
    bulk: dict[str, list[BulkResult]]
    profile: Profile

    def throughput(self, workload: Workload, *, slow_commits: bool = False) -> Rounds:
        """Return the transactions a second of each variant."""
        runs = (self.slow_commits if slow_commits else self.runs)[workload.name]
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
        workloads = list_workloads(scale)
        runs = {each.name: _run(each.name, built, each, scale) for each in workloads}
        with ExitStack() as stack:
            slow = {name: built[name] for name in (UNCOUNTED, ROW, OURS)}
            for database in slow.values():
                stack.enter_context(slow_down_commits(database))
            slow_runs = {
                each.name: _run(f"{each.name}, slow commits", slow, each, scale)
                for each in (SINGLE, one_hot_collection(max(scale.clients)))
            }
        profile = measure_profile(built[OURS])
        return WriteResults(found, workloads, runs, slow_runs, _bulk(built, scale), profile)


def _run(
    what: str, databases: Mapping[str, VariantDatabase], workload: Workload, scale: Scale
) -> dict[str, list[PgbenchResult]]:
    once = partial(run_pgbench, workload=workload, seconds=scale.write_seconds)
    return measure_in_turn(what, scale.write_rounds, databases, once)


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
