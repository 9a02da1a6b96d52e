"""Builds the catalogues whose pages and refreshes are compared, and measures them."""

from contextlib import ExitStack
from dataclasses import dataclass, replace

from benchmarks import host
from benchmarks.dataset import Shape, load
from benchmarks.rounds import CONSOLE, Rounds
from benchmarks.scale import Scale
from benchmarks.scaling.pages import against, against_changes
from benchmarks.scaling.refreshes import Refresh, measure_refreshes
from skillmeat import connect, migration

SMALL = 10_000


@dataclass(frozen=True, slots=True)
class Grown:
    """Milliseconds a page by line, for each size, number of changes and of memberships."""

    sizes: dict[int, Rounds]
    changes: dict[str, Rounds]
    memberships: dict[int, Rounds]
    refreshes: list[Refresh]


def measure_growth(url: str, ours: str, shape: Shape, scale: Scale) -> Grown:
    """Measure all of it; `ours` is a catalogue of that shape, which is changed."""
    with ExitStack() as stack:
        sizes = {
            size: (ours, shape) if size == shape.artifacts else _built(stack, url, shape, size)
            for size in sorted({*scale.sizes, shape.artifacts})
        }
        by_size = against("artifacts", sizes, scale)
        refreshes = measure_refreshes(sizes, shape.artifacts)
    with connect(ours, autocommit=True) as conn:
        by_changes = against_changes(conn, ours, shape, scale)
    return Grown(by_size, by_changes, _by_memberships(url, shape, scale), refreshes)


def _by_memberships(url: str, shape: Shape, scale: Scale) -> dict[int, Rounds]:
    with ExitStack() as stack:
        built = {
            memberships: _built(stack, url, replace(shape, memberships=memberships), SMALL)
            for memberships in scale.memberships
        }
        return against("memberships", built, scale)


def _built(stack: ExitStack, url: str, shape: Shape, artifacts: int) -> tuple[str, Shape]:
    made = replace(shape, artifacts=artifacts)
    name = f"skillmeat_bench_{artifacts}_{shape.memberships}"
    CONSOLE.print(f"building {artifacts:,} artifacts in {shape.memberships} collections each")
    database = stack.enter_context(host.database(url, name))
    migration.up(url=database)
    with connect(database, autocommit=True) as conn:
        load(conn, made)
    return database, made
