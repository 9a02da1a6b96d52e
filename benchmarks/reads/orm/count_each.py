"""Where it began: for every artifact its collections, and for each of those a COUNT."""

from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from benchmarks.reads.orm.shown import (
    ArtifactShown,
    CollectionShown,
    artifacts_after,
    collections_after,
    members_after,
    shown,
)
from benchmarks.reads.orm.tables import Artifact, Collection, Membership


class CountEachReader:
    """A session a request, as its web framework makes them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, after: str) -> list[ArtifactShown]:
        """See `Reader`."""
        return self._artifacts(artifacts_after(after))

    def members(self, collection: str, after: str) -> list[ArtifactShown]:
        """See `Reader`."""
        return self._artifacts(members_after(collection, after))

    def collection(self, id: str) -> CollectionShown:  # noqa: A002
        """See `Reader`."""
        with Session(self._engine) as session:
            return _counted(session, session.get_one(Collection, id))

    def collections(self, after: str) -> list[CollectionShown]:
        """See `Reader`."""
        with Session(self._engine) as session:
            found = session.scalars(collections_after(after)).all()
            return [_counted(session, each) for each in found]

    def _artifacts(self, page: Select[Artifact]) -> list[ArtifactShown]:
        with Session(self._engine) as session:
            return [
                shown(artifact, _collections(session, artifact))
                for artifact in session.scalars(page).all()
            ]


def _collections(session: Session, artifact: Artifact) -> list[CollectionShown]:
    found = session.execute(
        select(Membership, Collection)
        .join(Collection, Collection.id == Membership.collection_id)
        .where(Membership.artifact_id == artifact.id)
    )
    return [_counted(session, collection) for _, collection in found.all()]


def _counted(session: Session, collection: Collection) -> CollectionShown:
    count = session.scalar(
        select(func.count()).select_from(Membership).filter_by(collection_id=collection.id)
    )
    return CollectionShown(collection.id, collection.name, count or 0)
