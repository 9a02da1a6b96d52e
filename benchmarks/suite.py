"""Everything that is measured, on one server, in one run."""

from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks import baselines, host
from benchmarks.dataset import Shape, load
from benchmarks.reads.contender import Database
from benchmarks.reads.measure import Read, measure_reading
from benchmarks.reads.staleness import Stale, measure_staleness
from benchmarks.rounds import CONSOLE
from benchmarks.scale import Scale
from benchmarks.scaling.measure import Grown, measure_growth
from benchmarks.writes.measure import Written, measure_writing
from skillmeat import connect, migration

TEMPLATE = "skillmeat_bench"


@dataclass(frozen=True, slots=True)
class Ladder:
    """What one run found."""

    machine: host.Machine
    shape: Shape
    scale: Scale
    read: Read
    stale: list[Stale]
    grown: Grown
    written: Written


def climb(shape: Shape, scale: Scale) -> Ladder:
    """Measure every rung, and leave nothing behind."""
    with host.measured() as url:
        machine = host.machine(url)
        with ExitStack() as stack:
            urls = _catalogues(stack, url, shape)
            read = measure_reading(urls, shape, scale)
            stale = measure_staleness(urls, shape, scale.stale_seconds)
            grown = measure_growth(url, urls[Database.OURS], shape, scale)
        written = measure_writing(url, scale)
    return Ladder(machine, shape, scale, read, stale, grown, written)


def _catalogues(stack: ExitStack, url: str, shape: Shape) -> dict[Database, str]:
    CONSOLE.print(f"building {shape.artifacts:,} artifacts, {shape.collections:,} collections")
    with host.database(url, TEMPLATE) as template:
        migration.up(url=template)
        with connect(template, autocommit=True) as conn:
            load(conn, shape)
        urls = {
            each: stack.enter_context(host.database(url, each, template=TEMPLATE))
            for each in Database
        }
    with connect(urls[Database.RIVALS], autocommit=True) as conn:
        baselines.install_readable(conn)
        conn.execute("vacuum analyze")
    return urls
