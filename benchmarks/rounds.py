"""Rounds in which everything takes its turn, and what is said of them: medians and ratios."""

import math
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

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


def in_turn(
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
