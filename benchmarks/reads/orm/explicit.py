"""Explicit loading: no automatic loading, columns instead of objects, counts of the page alone.

A second contender adds a cache of counts in the process; SkillMeat keeps its cache for 300 s.
"""

import time
from collections import defaultdict
from collections.abc import Collection as Ids
from typing import Final

from sqlalchemy import Engine, Row, Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from benchmarks.reads.orm.models import (
    Artifact,
    Collection,
    Membership,
    Tag,
    Version,
    artifact_tags,
)
from benchmarks.reads.orm.results import (
    ArtifactResult,
    CollectionResult,
    OrmReader,
    select_collections,
    sort_collections,
)

COLUMNS: Final = (Artifact.id, Artifact.title, Artifact.description)


class Counts:
    """A cache of member counts, at most `ttl` seconds old; 0 caches nothing."""

    def __init__(self, ttl: float = 0) -> None:
        self._ttl = ttl
        self._known: dict[str, tuple[float, int]] = {}

    def of(self, session: Session, ids: Ids[str]) -> dict[str, int]:
        """Return the count of each collection, from the cache or by one GROUP BY."""
        now = time.monotonic()
        known = {
            each: self._known[each][1]
            for each in ids
            if each in self._known and now - self._known[each][0] < self._ttl
        }
        missing = [each for each in ids if each not in known]
        if missing:
            found = session.execute(
                select(Membership.collection_id, func.count())
                .where(Membership.collection_id.in_(missing))
                .group_by(Membership.collection_id)
            )
            counted = dict.fromkeys(missing, 0) | dict(found.all())
            self._known |= {each: (now, count) for each, count in counted.items()}
            known |= counted
        return known

    def learn(self, session: Session) -> None:
        """Fill the cache with the count of every collection."""
        now = time.monotonic()
        found = session.execute(
            select(Collection.id, func.count(Membership.artifact_id))
            .outerjoin(Membership, Membership.collection_id == Collection.id)
            .group_by(Collection.id)
        )
        self._known = {each: (now, count) for each, count in found.all()}


class ExplicitReader(OrmReader):
    """A reader with explicit loading and a cache of counts."""

    def __init__(self, engine: Engine, *, ttl: float = 0) -> None:
        super().__init__(engine)
        self._counts = Counts(ttl)

    @classmethod
    def warm(cls, engine: Engine, *, ttl: float) -> "ExplicitReader":
        """Return a reader whose cache has every collection."""
        reader = cls(engine, ttl=ttl)
        with Session(engine) as session:
            reader._counts.learn(session)
        return reader

    def collection(self, id: str) -> CollectionResult:  # noqa: A002
        """See `Reader`."""
        return self._collections(select(Collection).where(Collection.id == id))[0]

    def collections(self, after: str) -> list[CollectionResult]:
        """See `Reader`."""
        return self._collections(select_collections(after))

    def _collections(self, page: Select[Collection]) -> list[CollectionResult]:
        with Session(self._engine) as session:
            found = session.execute(page.with_only_columns(Collection.id, Collection.name)).all()
            counts = self._counts.of(session, [each.id for each in found])
            return [CollectionResult(*each, counts[each.id]) for each in found]

    def _artifacts(self, page: Select[Artifact]) -> list[ArtifactResult]:
        with Session(self._engine) as session:
            found = session.execute(page.with_only_columns(*COLUMNS)).all()
            ids = [each.id for each in found]
            tags = _tags(session, ids)
            versions = _versions(session, ids)
            collections = self._memberships(session, ids)
            return [
                ArtifactResult(
                    *each,
                    tags[each.id],
                    versions.get(each.id),
                    sort_collections(collections[each.id]),
                )
                for each in found
            ]

    def _memberships(self, session: Session, ids: list[str]) -> dict[str, list[CollectionResult]]:
        found = session.execute(
            select(Membership.artifact_id, Collection.id, Collection.name)
            .join(Collection, Collection.id == Membership.collection_id)
            .where(Membership.artifact_id.in_(ids))
        ).all()
        counts = self._counts.of(session, {each.id for each in found})
        of: defaultdict[str, list[CollectionResult]] = defaultdict(list)
        for artifact, collection, name in found:
            of[artifact].append(CollectionResult(collection, name, counts[collection]))
        return of


def _tags(session: Session, ids: list[str]) -> dict[str, list[str]]:
    found: list[Row[str, str]] = list(
        session.execute(
            select(artifact_tags.c.artifact_id, Tag.name)
            .join(Tag, Tag.id == artifact_tags.c.tag_id)
            .where(artifact_tags.c.artifact_id.in_(ids))
            .order_by(Tag.name)
        )
    )
    of: defaultdict[str, list[str]] = defaultdict(list)
    for artifact, name in found:
        of[artifact].append(name)
    return of


def _versions(session: Session, ids: list[str]) -> dict[str, str | None]:
    found = session.execute(
        select(Version.artifact_id, Version.version)
        .where(Version.artifact_id.in_(ids))
        .order_by(Version.artifact_id, Version.created_at.desc(), Version.id.desc())
        .ext(distinct_on(Version.artifact_id))
    )
    return {each.artifact_id: each.version for each in found}
