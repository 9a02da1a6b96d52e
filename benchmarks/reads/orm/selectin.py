"""Objects that load with selectin, with a COUNT for each membership or one GROUP BY."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from benchmarks.reads.orm.models import Artifact, Collection, Membership
from benchmarks.reads.orm.results import (
    ArtifactResult,
    CollectionResult,
    OrmReader,
    make_artifact_result,
    select_collections,
)


class CountEachReader(OrmReader):
    """A reader with a COUNT for each membership."""

    def collection(self, id: str) -> CollectionResult:  # noqa: A002
        """See `Reader`."""
        with Session(self._engine) as session:
            return _count_one(session, session.get_one(Collection, id))

    def collections(self, after: str) -> list[CollectionResult]:
        """See `Reader`."""
        with Session(self._engine) as session:
            found = session.scalars(select_collections(after)).all()
            return [_count_one(session, each) for each in found]

    def _artifacts(self, page: Select[Artifact]) -> list[ArtifactResult]:
        with Session(self._engine) as session:
            return [
                make_artifact_result(artifact, _count_each(session, artifact))
                for artifact in session.scalars(page).all()
            ]


def _count_each(session: Session, artifact: Artifact) -> list[CollectionResult]:
    found = session.execute(
        select(Membership, Collection)
        .join(Collection, Collection.id == Membership.collection_id)
        .where(Membership.artifact_id == artifact.id)
    )
    return [_count_one(session, collection) for _, collection in found.all()]


def _count_one(session: Session, collection: Collection) -> CollectionResult:
    count = session.scalar(
        select(func.count()).select_from(Membership).filter_by(collection_id=collection.id)
    )
    return CollectionResult(collection.id, collection.name, count or 0)


class GroupByReader(OrmReader):
    """A reader with one GROUP BY over all collections."""

    def collection(self, id: str) -> CollectionResult:  # noqa: A002
        """See `Reader`."""
        with Session(self._engine) as session:
            return _group_by(session, [id])[id]

    def collections(self, after: str) -> list[CollectionResult]:
        """See `Reader`."""
        with Session(self._engine) as session:
            ids = [each.id for each in session.scalars(select_collections(after))]
            counted = _group_by(session, ids)
            return [counted[each] for each in ids]

    def _artifacts(self, page: Select[Artifact]) -> list[ArtifactResult]:
        with Session(self._engine) as session:
            artifacts = session.scalars(page).all()
            memberships = session.scalars(
                select(Membership).where(Membership.artifact_id.in_([a.id for a in artifacts]))
            ).all()
            counted = _group_by(session, {each.collection_id for each in memberships})
            of: defaultdict[str, list[CollectionResult]] = defaultdict(list)
            for each in memberships:
                of[each.artifact_id].append(counted[each.collection_id])
            return [make_artifact_result(artifact, of[artifact.id]) for artifact in artifacts]


def _group_by(session: Session, ids: Iterable[str]) -> dict[str, CollectionResult]:
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
        collection.id: CollectionResult(collection.id, collection.name, members or 0)
        for collection, members in found.all()
    }
