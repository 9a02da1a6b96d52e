"""The first fix: one GROUP BY for the collections of a page, everything else as it was."""

from collections import defaultdict
from collections.abc import Iterable

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


class GroupByReader:
    """A session a request."""

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
            return _counted(session, [id])[id]

    def collections(self, after: str) -> list[CollectionShown]:
        """See `Reader`."""
        with Session(self._engine) as session:
            ids = [each.id for each in session.scalars(collections_after(after))]
            counted = _counted(session, ids)
            return [counted[each] for each in ids]

    def _artifacts(self, page: Select[Artifact]) -> list[ArtifactShown]:
        with Session(self._engine) as session:
            artifacts = session.scalars(page).all()
            memberships = session.scalars(
                select(Membership).where(Membership.artifact_id.in_([a.id for a in artifacts]))
            ).all()
            counted = _counted(session, {each.collection_id for each in memberships})
            of: defaultdict[str, list[CollectionShown]] = defaultdict(list)
            for each in memberships:
                of[each.artifact_id].append(counted[each.collection_id])
            return [shown(artifact, of[artifact.id]) for artifact in artifacts]


def _counted(session: Session, ids: Iterable[str]) -> dict[str, CollectionShown]:
    counts = (
        select(Membership.collection_id, func.count().label("members"))
        .group_by(Membership.collection_id)
        .subquery()
    )
    found = session.execute(
        select(Collection, counts.c.members)
        .outerjoin(counts, counts.c.collection_id == Collection.id)
        .where(Collection.id.in_(ids))
    )
    return {
        collection.id: CollectionShown(collection.id, collection.name, members or 0)
        for collection, members in found.all()
    }
