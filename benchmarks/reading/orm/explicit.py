"""Explicit loading: nothing loads itself, columns instead of objects, counts of the page alone.

With a cache of counts in the process, as SkillMeat keeps one for 300 seconds, it is the next rung.
"""

import time
from collections import defaultdict
from collections.abc import Collection as Ids
from typing import Final

from sqlalchemy import Engine, Row, Select, func, select
from sqlalchemy.orm import Session

from benchmarks.reading.orm.shown import (
    ArtifactShown,
    CollectionShown,
    artifacts_after,
    collections_after,
    in_order,
    members_after,
)
from benchmarks.reading.orm.tables import (
    Artifact,
    Collection,
    Membership,
    Tag,
    Version,
    artifact_tags,
)

COLUMNS: Final = (Artifact.id, Artifact.title, Artifact.description)


class Counts:
    """How many members a collection has, as of at most `ttl` seconds ago; 0 asks every time."""

    def __init__(self, ttl: float = 0) -> None:
        self._ttl = ttl
        self._known: dict[str, tuple[float, int]] = {}

    def of(self, session: Session, ids: Ids[str]) -> dict[str, int]:
        """The count of each, from the cache or by one GROUP BY."""
        now = time.monotonic()
        known = {
            id: count
            for id, (at, count) in ((id, self._known.get(id, (-1e9, 0))) for id in ids)
            if now - at < self._ttl
        }
        missing = [id for id in ids if id not in known]
        if missing:
            found = session.execute(
                select(Membership.collection_id, func.count())
                .where(Membership.collection_id.in_(missing))
                .group_by(Membership.collection_id)
            )
            counted = dict.fromkeys(missing, 0) | {id: count for id, count in found.all()}
            self._known |= {id: (now, count) for id, count in counted.items()}
            known |= counted
        return known


class ExplicitReader:
    """A session a request, and the cache of the process."""

    def __init__(self, engine: Engine, *, ttl: float = 0) -> None:
        self._engine = engine
        self._counts = Counts(ttl)

    def page(self, after: str) -> list[ArtifactShown]:
        """See `Reader`."""
        return self._artifacts(artifacts_after(after))

    def members(self, collection: str, after: str) -> list[ArtifactShown]:
        """See `Reader`."""
        return self._artifacts(members_after(collection, after))

    def collection(self, id: str) -> CollectionShown:  # noqa: A002
        """See `Reader`."""
        return self._collections(select(Collection).where(Collection.id == id))[0]

    def collections(self, after: str) -> list[CollectionShown]:
        """See `Reader`."""
        return self._collections(collections_after(after))

    def _collections(self, page: Select[Collection]) -> list[CollectionShown]:
        with Session(self._engine) as session:
            found = session.execute(page.with_only_columns(Collection.id, Collection.name)).all()
            counts = self._counts.of(session, [id for id, _ in found])
            return [CollectionShown(id, name, counts[id]) for id, name in found]

    def _artifacts(self, page: Select[Artifact]) -> list[ArtifactShown]:
        with Session(self._engine) as session:
            found = session.execute(page.with_only_columns(*COLUMNS)).all()
            ids = [id for id, *_ in found]
            tags = _tags(session, ids)
            versions = _versions(session, ids)
            collections = self._memberships(session, ids)
            return [
                ArtifactShown(
                    id, title, description, tags[id], versions.get(id), in_order(collections[id])
                )
                for id, title, description in found
            ]

    def _memberships(self, session: Session, ids: list[str]) -> dict[str, list[CollectionShown]]:
        found = session.execute(
            select(Membership.artifact_id, Collection.id, Collection.name)
            .join(Collection, Collection.id == Membership.collection_id)
            .where(Membership.artifact_id.in_(ids))
        ).all()
        counts = self._counts.of(session, {id for _, id, _ in found})
        of: defaultdict[str, list[CollectionShown]] = defaultdict(list)
        for artifact, id, name in found:
            of[artifact].append(CollectionShown(id, name, counts[id]))
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
        .distinct(Version.artifact_id)
    )
    return {artifact: version for artifact, version in found.all()}
