"""Rounds in which every subject takes its turn: how many, how large, and their ratios."""

import math
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes in rows, times in seconds."""

    sizes: tuple[int, ...]
    """Of the catalogues whose pages are compared, beside the one that the contenders read."""
    memberships: tuple[int, ...]
    """Collections an artifact, of catalogues whose pages are compared."""
    compared: int
    """Answers of each contender to each request, which must be alike."""
    read_rounds: int
    read_seconds: float
    """For a contender to read in a round; at least once."""
    stale_seconds: float
    """Between two refreshes of what is refreshed by time."""
    write_rounds: int
    write_seconds: float
    """For the clients of a contender to write in a round."""
    bulk: int
    clients: tuple[int, ...]
    """On one hot collection."""
    patience: float
    """Seconds after which a bulk insert is given up."""


QUICK: Final = Scale(
    sizes=(10_000,),
    memberships=(1, 10),
    compared=20,
    read_rounds=4,
    read_seconds=0.1,
    stale_seconds=2,
    write_rounds=2,
    write_seconds=1,
    bulk=200_000,
    clients=(16,),
    patience=10,
)
FULL: Final = Scale(
    sizes=(1_000, 10_000, 1_000_000),
    memberships=(1, 3, 10, 30),
    compared=20,
    read_rounds=5,
    read_seconds=0.2,
    stale_seconds=5,
    write_rounds=4,
    write_seconds=2,
    bulk=200_000,
    clients=(1, 4, 16, 32),
    patience=20,
)


CONSOLE = Console(stderr=True)

Subject = TypeVar("Subject")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median of the ratios within a round, with the least and the largest."""

    median: float
    least: float
    largest: float

    @classmethod
    def of(cls, ratios: Iterable[float]) -> "Ratio | None":
        """Of those of all rounds; None if there were none."""
        found = sorted(ratios)
        return cls(statistics.median(found), found[0], found[-1]) if found else None

    def __str__(self) -> str:
        """Say it as tables do."""
        return f"{self.median:,.2f} ({self.least:,.2f} to {self.largest:,.2f})"


@dataclass(slots=True)
class Rounds:
    """What every subject took or reached, a value a round."""

    unit: str
    values: dict[str, list[float]] = field(default_factory=dict)

    def median(self, name: str) -> float | None:
        """The median of a subject, or None if it sat out."""
        found = self.values.get(name)
        return statistics.median(found) if found else None

    def spread(self, name: str) -> tuple[float, float] | None:
        """The least and the largest of a subject."""
        found = self.values.get(name)
        return (min(found), max(found)) if found else None

    def ratio(self, of: str, to: str) -> Ratio | None:
        """What `of` was in a round as a multiple of `to`, where both took part."""
        pairs = zip(self.values.get(of, []), self.values.get(to, []), strict=False)
        return Ratio.of(a / b if b else math.inf for a, b in pairs)


def measure_in_turn(
    what: str,
    rounds: int,
    subjects: Mapping[str, Subject],
    measure: Callable[[Subject], Found],
) -> dict[str, list[Found]]:
    """Measure every subject once a round, so that what disturbs one disturbs all.

    Each round begins with another subject, so that none is always the one after a slow one.
    """
    names = list(subjects)
    if not CONSOLE.is_terminal:
        CONSOLE.print(f"{what}, {rounds} rounds")
    found: dict[str, list[Found]] = {name: [] for name in names}
    with progress() as bar:
        task = bar.add_task(what, total=rounds * len(names))
        for turn in range(rounds):
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                bar.update(task, description=f"{what}: {name}")
                found[name].append(measure(subjects[name]))
                bar.advance(task)
    return found


def progress() -> Progress:
    """A bar on standard error that goes when it is done; none where that is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=CONSOLE,
        transient=True,
        disable=not CONSOLE.is_terminal,
    )
