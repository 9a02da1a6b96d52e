"""Writes by every variant in turn."""

from dataclasses import dataclass
from functools import partial

import psycopg

from benchmarks.rounds import CONSOLE, Rounds, in_turn
from benchmarks.scale import Scale
from benchmarks.writes.bulk import Bulk, insert
from benchmarks.writes.clients import Run, run
from benchmarks.writes.profile import Profile, profile
from benchmarks.writes.stage import Stage, stages
from benchmarks.writes.variant import OURS, Variant, variants
from benchmarks.writes.workload import Workload, workloads


@dataclass(frozen=True, slots=True)
class Written:
    """A run a round of each variant, by workload."""

    variants: tuple[Variant, ...]
    runs: dict[Workload, dict[str, list[Run]]]
    bulk: dict[str, list[Bulk]]
    profile: Profile

    def throughput(self, workload: Workload) -> Rounds:
        """Transactions a second."""
        runs = self.runs[workload]
        return Rounds("/s", {name: [each.throughput for each in runs[name]] for name in runs})

    def bulk_seconds(self) -> Rounds:
        """Seconds, of those that were never given up: quick rounds alone would say too little."""
        return Rounds(
            "s",
            {
                name: [] if None in seconds else [each for each in seconds if each is not None]
                for name, found in self.bulk.items()
                for seconds in [[each.seconds for each in found]]
            },
        )


def measure_writing(url: str, scale: Scale) -> Written:
    """Run every workload on every variant, each in a database of its own."""
    with psycopg.connect(url) as conn:
        found = tuple(variants(conn))
    CONSOLE.print(f"building {scale.bulk:,} artifacts for {len(found)} variants")
    with stages(url, found, artifacts=scale.bulk) as built:
        runs = {
            workload: in_turn(
                workload.name,
                scale.write_rounds,
                built,
                partial(run, workload=workload, seconds=scale.write_seconds),
            )
            for workload in workloads(scale)
        }
        return Written(found, runs, _bulk(built, scale), profile(built[OURS]))


def _bulk(built: dict[str, Stage], scale: Scale) -> dict[str, list[Bulk]]:
    given_up: dict[str, Bulk] = {}

    def once(stage: Stage) -> Bulk:
        name = stage.variant.name
        if name in given_up:
            return given_up[name]
        found = insert(stage, scale.patience)
        if found.seconds is None:
            given_up[name] = found
        return found

    return in_turn(f"{scale.bulk:,} memberships at once", scale.write_rounds, built, once)
