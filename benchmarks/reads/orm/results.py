"""The results, page queries and engines of the ORM's contenders."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine, Select, create_engine, select

from benchmarks.reads.orm.models import Artifact, Collection, Membership
from benchmarks.reads.reader import COLLECTIONS, PAGE, Reader
from skillmeat import connect


@dataclass(frozen=True, slots=True)
class CollectionResult:
    """A collection with its count."""

    id: str
    name: str
    artifact_count: int


@dataclass(frozen=True, slots=True)
class ArtifactResult:
    """An artifact as the API returns it."""

    id: str
    title: str | None
    description: str | None
    tags: list[str]
    version: str | None
    collections: list[CollectionResult]


class OrmReader(ABC):
    """A reader of pages of artifacts, with a session for each request as in SkillMeat."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, after: str) -> list[ArtifactResult]:
        """See `Reader`."""
        return self._artifacts(select_artifacts(after))

    def members(self, collection: str, after: str) -> list[ArtifactResult]:
        """See `Reader`."""
        return self._artifacts(select_members(collection, after))

    @abstractmethod
    def _artifacts(self, page: Select[Artifact]) -> list[ArtifactResult]:
        """Return the artifacts that `page` selects, with all that belongs to them."""


def make_artifact_result(
    artifact: Artifact, collections: Iterable[CollectionResult]
) -> ArtifactResult:
    """Make the result from an artifact whose relationships are loaded."""
    return ArtifactResult(
        artifact.id,
        artifact.title,
        artifact.description,
        [tag.name for tag in artifact.tags],
        artifact.versions[0].version if artifact.versions else None,
        sort_collections(collections),
    )


def sort_collections(collections: Iterable[CollectionResult]) -> list[CollectionResult]:
    """Sort collections: `default` first, then by name."""
    return sorted(collections, key=lambda each: (each.id != "default", each.name))


def select_artifacts(after: str) -> Select[Artifact]:
    """Select a page of artifacts."""
    return select(Artifact).where(Artifact.id > after).order_by(Artifact.id).limit(PAGE)


def select_members(collection: str, after: str) -> Select[Artifact]:
    """Select a page of a collection's artifacts."""
    return (
        select(Artifact)
        .join(Membership, Membership.artifact_id == Artifact.id)
        .where(Membership.collection_id == collection, Membership.artifact_id > after)
        .order_by(Membership.artifact_id)
        .limit(PAGE)
    )


def select_collections(after: str) -> Select[Collection]:
    """Select ten collections."""
    return (
        select(Collection).where(Collection.id > after).order_by(Collection.id).limit(COLLECTIONS)
    )


def make_prepared_orm_factory(
    reader: Callable[[Engine], Reader],
) -> Callable[[str], AbstractContextManager[Reader]]:
    """Return a factory in autocommit: a rollback makes psycopg drop its prepared statements."""
    return make_orm_factory(reader, isolation_level="AUTOCOMMIT")


def make_orm_factory(
    reader: Callable[[Engine], Reader], **options: str
) -> Callable[[str], AbstractContextManager[Reader]]:
    """Return a factory that opens a reader on a database, with an engine of these options."""

    @contextmanager
    def open_reader(url: str) -> Iterator[Reader]:
        creator = partial(connect, url)
        engine = create_engine("postgresql+psycopg://", creator=creator, **options)
        try:
            yield reader(engine)
        finally:
            engine.dispose()

    return open_reader
