"""What a rung of the ladder is, and what is asked of each."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

PAGE: Final = 50
COLLECTIONS: Final = 10


class Request(StrEnum):
    """What an application asks for."""

    PAGE = "a page of 50 artifacts"
    MEMBERS = "a page of a collection's artifacts"
    COLLECTION = "a collection"
    COLLECTIONS = "ten collections"


class Database(StrEnum):
    """Which copy of the catalogue a rung reads: with our triggers, or with everybody else's."""

    OURS = "skillmeat_bench_ours"
    RIVALS = "skillmeat_bench_rivals"


class Reader(Protocol):
    """Answers each request with what its users would get, ready to be shown.

    An artifact has `id`, `tags`, `version` and `collections`, each of which has `id`, `name` and
    `artifact_count`, as attributes or keys; so has a collection.
    """

    def page(self, after: str) -> Sequence[Any]:
        """The 50 artifacts after an id."""

    def members(self, collection: str, after: str) -> Sequence[Any]:
        """The 50 artifacts of a collection after an id."""

    def collection(self, id: str) -> Any:  # noqa: A002, ANN401
        """One collection."""

    def collections(self, after: str) -> Sequence[Any]:
        """The ten collections after an id."""


Opens = Callable[[str], AbstractContextManager[Reader]]


@dataclass(frozen=True, slots=True)
class Rung:
    """A way to read."""

    name: str
    how: str
    """What it does, in a sentence."""
    database: Database
    opens: Opens
    faster: str = ""
    """Why it may be faster than ours, and what its users pay for that."""
    shows_counts: bool = True
    """The floor shows none."""
