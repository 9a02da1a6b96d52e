"""Requests at random places of the catalogue, the same for every rung in a round."""

from collections.abc import Iterator
from random import Random
from typing import Any

from benchmarks.dataset import Shape
from benchmarks.reads.contender import Reader, Request


class Asker:
    """Asks a reader; the same seed asks for the same."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self._shape = shape
        self._random = Random(seed)  # noqa: S311

    def ask(self, reader: Reader, request: Request) -> Any:  # noqa: ANN401
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
