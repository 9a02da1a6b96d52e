"""How much is measured: what two cores do in ten minutes, or in half an hour."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes in rows, times in seconds."""

    sizes: tuple[int, ...]
    """Of the catalogues whose pages are compared, beside the one that the rungs read."""
    memberships: tuple[int, ...]
    """Collections an artifact, of catalogues whose pages are compared."""
    read_rounds: int
    read_seconds: float
    """For a rung to read in a round; at least once."""
    stale_seconds: float
    """Between two refreshes of what is refreshed by time."""
    write_rounds: int
    write_seconds: float
    """For the clients of a rung to write in a round."""
    bulk: int
    clients: tuple[int, ...]
    """On one hot collection."""
    patience: float
    """Seconds after which a bulk insert is given up."""


QUICK: Final = Scale(
    sizes=(10_000,),
    memberships=(1, 10),
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
    read_rounds=5,
    read_seconds=0.2,
    stale_seconds=5,
    write_rounds=4,
    write_seconds=2,
    bulk=200_000,
    clients=(1, 4, 16, 32),
    patience=20,
)
