"""The four requests to each contender, at random places of the catalogue."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from random import Random
from typing import Any, Final, Protocol

from benchmarks.dataset import Shape

PAGE: Final = 50
COLLECTIONS: Final = 10


class Request(StrEnum):
    """A request of an application."""

    PAGE = "a page of 50 artifacts"
    MEMBERS = "a page of a collection's artifacts"
    COLLECTION = "a collection"
    COLLECTIONS = "ten collections"


class Reader(Protocol):
    """A contender's reader, whose rows are ready to be shown.

    An artifact has `id`, `tags`, `version` and `collections`, as attributes or keys. A collection
    has `id`, `name` and `artifact_count`, there as in its own request.
    """

    def page(self, after: str) -> Sequence[Any]:
        """Return the 50 artifacts after an id."""

    def members(self, collection: str, after: str) -> Sequence[Any]:
        """Return the 50 artifacts of a collection after an id."""

    def collection(self, id: str) -> Any:  # noqa: A002, ANN401
        """Return one collection."""

    def collections(self, after: str) -> Sequence[Any]:
        """Return the ten collections after an id."""


ReaderFactory = Callable[[str], AbstractContextManager[Reader]]


class RandomRequests:
    """Random requests to a reader; the same seed makes the same requests."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self._shape = shape
        self._random = Random(seed)  # noqa: S311

    def send(self, reader: Reader, request: Request) -> Any:  # noqa: ANN401
        """Send one request, at a random place; return the answer."""
        match request:
            case Request.PAGE:
                return reader.page(self._artifact())
            case Request.MEMBERS:
                # One of the larger collections: the page must be full.
                return reader.members(self._shape.collection_id(self._random.randrange(20)), "")
            case Request.COLLECTION:
                return reader.collection(self._collection())
            case Request.COLLECTIONS:
                return reader.collections(self._collection())

    def _artifact(self) -> str:
        return self._shape.artifact_id(self._random.randrange(self._shape.artifacts))

    def _collection(self) -> str:
        return self._shape.collection_id(self._random.randrange(self._shape.collections))


def facts(found: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
    """Yield the facts of an answer as tuples, to compare answers of different types."""
    for each in found if isinstance(found, list | tuple) and not hasattr(found, "id") else [found]:
        if _of(each, "artifact_count", default=None) is not None:
            yield _of(each, "id"), _of(each, "name"), _of(each, "artifact_count")
        else:
            collections = [next(iter(facts(one))) for one in _of(each, "collections")]
            yield _of(each, "id"), tuple(_of(each, "tags")), _of(each, "version"), *collections


def _of(found: Any, name: str, **default: Any) -> Any:  # noqa: ANN401
    if isinstance(found, dict):
        return found.get(name, *default.values()) if default else found[name]
    return getattr(found, name, *default.values()) if default else getattr(found, name)
