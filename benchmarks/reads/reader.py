"""What is asked of each contender: four requests, at random places of the catalogue."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from random import Random
from typing import Any, Final, Protocol

from benchmarks.dataset import Shape

PAGE: Final = 50
COLLECTIONS: Final = 10


class Request(StrEnum):
    """What an application asks for."""

    PAGE = "a page of 50 artifacts"
    MEMBERS = "a page of a collection's artifacts"
    COLLECTION = "a collection"
    COLLECTIONS = "ten collections"


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


ReaderFactory = Callable[[str], AbstractContextManager[Reader]]


class RandomRequests:
    """Asks a reader; the same seed asks for the same."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self._shape = shape
        self._random = Random(seed)  # noqa: S311

    def send(self, reader: Reader, request: Request) -> Any:  # noqa: ANN401
        """Ask for one thing somewhere."""
        match request:
            case Request.PAGE:
                return reader.page(self._artifact())
            case Request.MEMBERS:
                # One of the larger ones, so that the page is full.
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
    """What an answer says, whatever its types: to be compared."""
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
