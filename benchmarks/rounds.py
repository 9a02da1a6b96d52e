"""Rounds in which every subject takes its turn: their scale, values and ratios."""

import math
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of a run: sizes in rows, times in seconds."""

    sizes: tuple[int, ...]
    """Artifacts in each further catalogue on which pages are timed."""
    memberships: tuple[int, ...]
    """Collections of each artifact, in each catalogue on which pages are timed."""
    compared: int
    """Answers of each contender to each request that must agree before the first timing."""
    read_rounds: int
    read_seconds: float
    """The time for a contender to read in a round; it reads at least once."""
    stale_seconds: float
    """The time between two refreshes of a cache or a view that is refreshed by a timer."""
    http_rounds: int
    http_seconds: float
    """The time for the clients of a server in a round; each requests at least one page."""
    write_rounds: int
    write_seconds: float
    """The time for the clients of a variant to write in a round."""
    bulk: int
    clients: tuple[int, ...]
    """The numbers of clients that write to one hot collection."""
    patience: float
    """The seconds after which a bulk insert is cancelled."""


QUICK: Final = Scale(
    sizes=(10_000,),
    memberships=(1, 10),
    compared=3,
    read_rounds=4,
    read_seconds=0.1,
    stale_seconds=2,
    http_rounds=8,
    http_seconds=0.5,
    write_rounds=2,
    write_seconds=1,
    bulk=100_000,
    clients=(16,),
    patience=10,
)
FULL: Final = Scale(
    sizes=(1_000, 10_000, 1_000_000),
    memberships=(1, 3, 10, 30),
    compared=5,
    read_rounds=5,
    read_seconds=0.2,
    stale_seconds=5,
    http_rounds=16,
    http_seconds=1,
    write_rounds=2,
    write_seconds=2,
    bulk=100_000,
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
        """Return the ratio of all rounds, or None if there was none."""
        found = sorted(ratios)
        return cls(statistics.median(found), found[0], found[-1]) if found else None

    def __str__(self) -> str:
        """Return the text that the tables show."""
        return f"{self.median:,.2f} ({self.least:,.2f} to {self.largest:,.2f})"


@dataclass(slots=True)
class Rounds:
    """The values of every subject, one for each round."""

    unit: str
    values: dict[str, list[float]] = field(default_factory=dict)

    def median(self, name: str) -> float | None:
        """Return the median of a subject, or None if it was not measured."""
        found = self.values.get(name)
        return statistics.median(found) if found else None

    def spread(self, name: str) -> tuple[float, float] | None:
        """Return the least and the largest value of a subject, or None."""
        found = self.values.get(name)
        return (min(found), max(found)) if found else None

    def ratio(self, of: str, to: str) -> Ratio | None:
        """Return `of` as a multiple of `to`, over the rounds that measured both."""
        pairs = zip(self.values.get(of, []), self.values.get(to, []), strict=False)
        return Ratio.of(a / b if b else math.inf for a, b in pairs)


def measure_in_turn(
    what: str,
    rounds: int,
    subjects: Mapping[str, Subject],
    measure: Callable[[Subject], Found],
) -> dict[str, list[Found]]:
    """Measure every subject once in each round: a disturbance affects all of them.

    Each round begins with another subject: no subject always follows a slow one.
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
    """Return a progress bar on standard error; it shows nothing if that is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=CONSOLE,
        transient=True,
        disable=not CONSOLE.is_terminal,
    )
