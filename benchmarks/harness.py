"""What the benchmarks share: a durable server of their own, turns, and ratios of one run."""

import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psycopg
from rich.console import Console
from rich.progress import track
from rich.table import Table

from skillmeat import server

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one round took or reached with each variant."""

    name: str
    unit: str
    rounds: list[dict[str, float]]

    def median(self, variant: str) -> str:
        """The median of a variant with its unit, or a dash if it sat out."""
        values = [found[variant] for found in self.rounds if variant in found]
        return f"{statistics.median(values):,.4g} {self.unit}" if values else "-"

    def ratio(self, of: str, *, to: str) -> str:
        """The median ratio of two variants within a round, with the least and the largest."""
        ratios = [found[of] / found[to] for found in self.rounds if of in found and to in found]
        if not ratios:
            return "-"
        return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


@contextmanager
def durable_server() -> Iterator[str]:
    """The URL of SKILLMEAT_BENCH_DATABASE_URL, or of a server that ends with the block."""
    given = os.environ.get("SKILLMEAT_BENCH_DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="skillmeat-bench-") as folder:
        root = Path(folder) / "server"
        try:
            yield server.start(root)
        finally:
            server.stop(root)


def in_turn(
    what: str,
    rounds: int,
    subjects: Mapping[str, Subject],
    measure: Callable[[Subject], float],
) -> list[dict[str, float]]:
    """Measure every subject once a round, so that what disturbs one disturbs all."""
    console = Console(stderr=True)
    return [
        {variant: measure(subject) for variant, subject in subjects.items()}
        for _ in track(range(rounds), what, console=console, transient=True)
    ]


def print_table(
    measurements: list[Measurement], variants: tuple[str, ...], ratios: tuple[tuple[str, str], ...]
) -> None:
    """Print medians of all variants, and ratios of pairs of them."""
    table = Table(title=f"Python {sys.version.split()[0]}, psycopg {psycopg.__version__}")
    table.add_column("measured")
    for variant in variants:
        table.add_column(variant, justify="right")
    for of, to in ratios:
        table.add_column(f"{of} / {to}", justify="right")
    for each in measurements:
        table.add_row(
            each.name,
            *(each.median(variant) for variant in variants),
            *(each.ratio(of, to=to) for of, to in ratios),
        )
    Console(width=160).print(table)
