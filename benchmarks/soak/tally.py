"""What happened, counted by all sessions together."""

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

# What any writer must expect: retry, refused by a constraint, cancelled, or the server went away.
EXPECTED: Final = frozenset(
    {"40001", "40P01", "23503", "23505", "57014", "57P01", "57P02", "57P03"}
)
LOST: Final = "08006"


@dataclass(slots=True)
class Tally:
    """Counts that only grow; `drifted` holds what was wrong, in words."""

    counts: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    drifted: list[str] = field(default_factory=list)
    refreshes: list[float] = field(default_factory=list)
    gauged: list[tuple[float, int, int]] = field(default_factory=list)
    events: list[tuple[float, str]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, what: str, number: int = 1) -> None:
        """Count something."""
        with self._lock:
            self.counts[what] += number

    def failed(self, who: str, error: Exception) -> None:
        """Count an error by its SQLSTATE; without one, the server is not there."""
        state = getattr(error, "sqlstate", None) or LOST
        with self._lock:
            self.errors[state] += 1
            if state not in EXPECTED and not state.startswith("08"):
                self.unexpected.append(f"{who}: {state} {error}".replace("\n", " "))

    def found(self, drift: list[str]) -> None:
        """Keep what drifted."""
        with self._lock:
            self.drifted += drift
