"""One entry per artifact, out of all its copies in all collections of all sources."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from skillmeat.importer.readers.model import FoundArtifact, Source
from skillmeat.importer.readers.tags import deduplicate_tags
from skillmeat.importer.readers.version_order import Rank, rank


@dataclass(frozen=True, slots=True)
class MergedArtifact:
    """An artifact: the content that is its latest, those that are not, and where it belongs."""

    latest: FoundArtifact
    """Its columns are the artifact's."""
    other_contents: tuple[FoundArtifact, ...]
    """One per other content, the least likely first: insert these, then the winner."""
    tags: tuple[str, ...]
    """Of all copies."""
    collections: tuple[str, ...]
    """Ids, in code point order."""

    @property
    def id(self) -> str:
        """The artifact's key, `type:name`."""
        return self.latest.id


@dataclass(frozen=True, slots=True)
class MergedCollection:
    """A plugin, without its artifacts."""

    id: str
    name: str
    description: str | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """An artifact whose copies differ."""

    artifact_id: str
    contents: int
    """How many different contents there are."""
    collection_id: str | None
    """The first collection that carries the winner; None where it is in no plugin."""
    path: str
    """The winner's, relative to its source's root."""


@dataclass(frozen=True, slots=True)
class MergedSources:
    """What to write: entries and collections in the order of their ids."""

    artifacts: tuple[MergedArtifact, ...]
    collections: tuple[MergedCollection, ...]
    conflicts: tuple[Conflict, ...]


class _Copy(NamedTuple):
    collection_id: str | None
    source: str
    artifact: FoundArtifact


class _Content(NamedTuple):
    """One content of an artifact, and the copies that have it, the first one first."""

    copies: list[_Copy]

    @property
    def collections(self) -> set[str]:
        return {copy.collection_id for copy in self.copies if copy.collection_id is not None}


def merge_sources(sources: Iterable[Source]) -> MergedSources:
    """Settles for every artifact which content is its latest, whatever order the sources have.

    The highest declared version wins, then the content that the most collections carry, then the
    one in the first collection in code point order (in no plugin comes after any).
    """
    sources = list(sources)
    copies: dict[str, list[_Copy]] = {}
    described: dict[str, MergedCollection] = {}
    for source in sorted(sources, key=lambda source: (source.name, source.root)):
        for artifact in source.artifacts:
            copies.setdefault(artifact.id, []).append(_Copy(None, source.name, artifact))
        for collection in source.collections:
            known = described.get(collection.id)
            if known is None or known.description is None:
                described[collection.id] = MergedCollection(
                    collection.id, collection.name, collection.description
                )
            for artifact in collection.artifacts:
                copies.setdefault(artifact.id, []).append(
                    _Copy(collection.id, source.name, artifact)
                )
    entries: list[MergedArtifact] = []
    conflicts: list[Conflict] = []
    for _, found in sorted(copies.items()):
        contents = _contents(found)
        entries.append(_entry(contents))
        if len(contents) > 1:
            first = contents[-1].copies[0]
            conflicts.append(
                Conflict(first.artifact.id, len(contents), first.collection_id, first.artifact.path)
            )
    collections = tuple(collection for _, collection in sorted(described.items()))
    return MergedSources(tuple(entries), collections, tuple(conflicts))


def _contents(copies: list[_Copy]) -> list[_Content]:
    """The different contents, the winner last."""
    by_hash: dict[str, _Content] = {}
    for copy in sorted(copies, key=_copy_order):
        by_hash.setdefault(copy.artifact.content_hash, _Content([])).copies.append(copy)
    contents = list(by_hash.values())
    if len(contents) > 1:
        # The second sort is stable: of equal rank, the one in the first collection comes last.
        contents.sort(key=lambda content: _copy_order(content.copies[0]), reverse=True)
        contents.sort(key=_rank)
    return contents


def _copy_order(copy: _Copy) -> tuple[bool, str, str, str, str]:
    collection = copy.collection_id
    return (
        collection is None,
        collection or "",
        copy.source,
        copy.artifact.path,
        copy.artifact.content_hash,
    )


def _rank(content: _Content) -> tuple[Rank, int]:
    return rank(content.copies[0].artifact.version), len(content.collections)


def _entry(contents: list[_Content]) -> MergedArtifact:
    *other_contents, latest = (content.copies[0].artifact for content in contents)
    tags = {tag for content in contents for copy in content.copies for tag in copy.artifact.tags}
    collections = set[str]().union(*(content.collections for content in contents))
    return MergedArtifact(
        latest, tuple(other_contents), deduplicate_tags(tags), tuple(sorted(collections))
    )
