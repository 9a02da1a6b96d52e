"""What a request of the ORM's rungs is answered with, and the session it runs in."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine, Select, create_engine, select

from benchmarks.reads.contender import COLLECTIONS, PAGE, Reader
from benchmarks.reads.orm.tables import Artifact, Collection, Membership
from skillmeat import connect


@dataclass(frozen=True, slots=True)
class CollectionShown:
    """A collection with its count."""

    id: str
    name: str
    artifact_count: int


@dataclass(frozen=True, slots=True)
class ArtifactShown:
    """An artifact as the API answers with it."""

    id: str
    title: str | None
    description: str | None
    tags: list[str]
    version: str | None
    collections: list[CollectionShown]


def shown(artifact: Artifact, collections: Iterable[CollectionShown]) -> ArtifactShown:
    """Make the answer of an artifact that has loaded everything."""
    return ArtifactShown(
        artifact.id,
        artifact.title,
        artifact.description,
        [tag.name for tag in artifact.tags],
        artifact.versions[0].version if artifact.versions else None,
        in_order(collections),
    )


def in_order(collections: Iterable[CollectionShown]) -> list[CollectionShown]:
    """`default` first, then by name."""
    return sorted(collections, key=lambda each: (each.id != "default", each.name))


def artifacts_after(after: str) -> Select[Artifact]:
    """A page of artifacts."""
    return select(Artifact).where(Artifact.id > after).order_by(Artifact.id).limit(PAGE)


def members_after(collection: str, after: str) -> Select[Artifact]:
    """A page of a collection's artifacts."""
    return (
        select(Artifact)
        .join(Membership, Membership.artifact_id == Artifact.id)
        .where(Membership.collection_id == collection, Membership.artifact_id > after)
        .order_by(Membership.artifact_id)
        .limit(PAGE)
    )


def collections_after(after: str) -> Select[Collection]:
    """Ten collections."""
    return (
        select(Collection).where(Collection.id > after).order_by(Collection.id).limit(COLLECTIONS)
    )


def opening_prepared(
    reader: Callable[[Engine], Reader],
) -> Callable[[str], AbstractContextManager[Reader]]:
    """The same, whose statements stay prepared: psycopg forgets them when it rolls back."""
    return opening(reader, isolation_level="AUTOCOMMIT")


def opening(
    reader: Callable[[Engine], Reader], **options: str
) -> Callable[[str], AbstractContextManager[Reader]]:
    """What opens a reader on a database, with an engine of its own that has these options."""

    @contextmanager
    def opens(url: str) -> Iterator[Reader]:
        creator = partial(connect, url)
        engine = create_engine("postgresql+psycopg://", creator=creator, **options)
        try:
            yield reader(engine)
        finally:
            engine.dispose()

    return opens
