"""The whole suite, on one server, in one run."""

from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks import server
from benchmarks.dataset import Shape, load
from benchmarks.http.measure import HttpResults, measure_http
from benchmarks.reads.contenders import Database
from benchmarks.reads.instructions import count_page_instructions
from benchmarks.reads.measure import ReadResults, measure_reads
from benchmarks.reads.staleness import Staleness, measure_staleness
from benchmarks.rounds import CONSOLE, Scale
from benchmarks.scaling import ScalingResults, measure_scaling
from benchmarks.writes.instructions import Work, count_instructions
from benchmarks.writes.measure import WriteResults, measure_writes
from skillmeat import connect, migration

TEMPLATE = "skillmeat_bench"


@dataclass(frozen=True, slots=True)
class Results:
    """The results of one run."""

    machine: server.Machine
    shape: Shape
    scale: Scale
    reads: ReadResults
    staleness: list[Staleness]
    http: HttpResults
    scaling: ScalingResults
    writes: WriteResults
    instructions: dict[str, dict[str, Work]]
    """The work of an operation, by its name and the variant; empty if it was not counted."""
    page_instructions: dict[str, float]
    """The instructions of a page, by the contender; empty if they were not counted."""


def run_suite(shape: Shape, scale: Scale, *, with_instructions: bool = False) -> Results:
    """Measure every contender; drop all databases at the end."""
    page_instructions = count_page_instructions() if with_instructions else {}
    instructions = count_instructions() if with_instructions else {}
    with server.start_server() as url:
        machine = server.describe_machine(url)
        with ExitStack() as stack:
            urls = _catalogues(stack, url, shape)
            reads = measure_reads(urls, shape, scale)
            staleness = measure_staleness(urls, shape, scale.stale_seconds)
            http = measure_http(urls[Database.OURS], shape, scale)
            scaling = measure_scaling(url, urls[Database.OURS], shape, scale)
        writes = measure_writes(url, scale)
    return Results(
        machine,
        shape,
        scale,
        reads,
        staleness,
        http,
        scaling,
        writes,
        instructions,
        page_instructions,
    )


def _catalogues(stack: ExitStack, url: str, shape: Shape) -> dict[Database, str]:
    CONSOLE.print(f"building {shape.artifacts:,} artifacts, {shape.collections:,} collections")
    with server.create_database(url, TEMPLATE) as template:
        migration.upgrade(url=template)
        with connect(template, autocommit=True) as conn:
            load(conn, shape)
        urls = {
            each: stack.enter_context(server.create_database(url, each, template=TEMPLATE))
            for each in Database
        }
    with connect(urls[Database.BASELINES], autocommit=True) as conn:
        server.install_read_baselines(conn)
        conn.execute("vacuum analyze")
    return urls
