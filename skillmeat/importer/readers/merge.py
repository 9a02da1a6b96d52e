"""The merge of an artifact's copies, from all collections of all sources, into one artifact."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from skillmeat.importer.readers.model import FoundArtifact, Source
from skillmeat.importer.readers.text import deduplicate_tags

_PART = re.compile(r"[0-9]+|[^\W\d_]+")
_VERSION = re.compile(r"[vV]?(?P<release>[0-9]+(?:\.[0-9]+)*)(?P<rest>[^+]*)")

# A number is (0, count of digits, digits), which sorts as a number of any length.
_Part: TypeAlias = "tuple[int, int, str]"
Rank: TypeAlias = "tuple[int, tuple[_Part, ...], bool, tuple[_Part, ...]]"


@dataclass(frozen=True, slots=True)
class MergedArtifact:
    """An artifact: its latest content, its other contents, and its collections."""

    latest: FoundArtifact
    """The artifact's columns come from it."""
    other_contents: tuple[FoundArtifact, ...]
    """One copy of each other content, in the order in which to add them, before the latest."""
    tags: tuple[str, ...]
    """The tags of all copies."""
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
    """The number of different contents."""
    collection_id: str | None
    """The first collection with the latest content; None if that content is in no plugin."""
    path: str
    """The path of the latest content, relative to its source's root."""


@dataclass(frozen=True, slots=True)
class MergedSources:
    """The artifacts and collections to import, in the order of their ids."""

    artifacts: tuple[MergedArtifact, ...]
    collections: tuple[MergedCollection, ...]
    conflicts: tuple[Conflict, ...]


class _Copy(NamedTuple):
    collection_id: str | None
    source: str
    artifact: FoundArtifact


class _Content(NamedTuple):
    """One content of an artifact, and the copies that have it, in order."""

    copies: list[_Copy]

    @property
    def collections(self) -> set[str]:
        return {copy.collection_id for copy in self.copies if copy.collection_id is not None}


def merge_sources(sources: Iterable[Source]) -> MergedSources:
    """Choose the latest content of every artifact; the order of the sources does not matter.

    The latest content has the highest declared version. Among equal versions, it is the content
    that the most collections have. If these numbers are equal too, it is the content in the first
    collection in code point order. Content that is in no plugin comes last.
    """
    sources = list(sources)
    copies: dict[str, list[_Copy]] = {}
    collections_by_id: dict[str, MergedCollection] = {}
    for source in sorted(sources, key=lambda source: (source.name, source.root)):
        for artifact in source.artifacts:
            copies.setdefault(artifact.id, []).append(_Copy(None, source.name, artifact))
        for collection in source.collections:
            known = collections_by_id.get(collection.id)
            if known is None or known.description is None:
                collections_by_id[collection.id] = MergedCollection(
                    collection.id, collection.name, collection.description
                )
            for artifact in collection.artifacts:
                copies.setdefault(artifact.id, []).append(
                    _Copy(collection.id, source.name, artifact)
                )
    artifacts: list[MergedArtifact] = []
    conflicts: list[Conflict] = []
    for _, found in sorted(copies.items()):
        contents = _list_contents(found)
        artifacts.append(_merge_contents(contents))
        if len(contents) > 1:
            first = contents[-1].copies[0]
            conflicts.append(
                Conflict(first.artifact.id, len(contents), first.collection_id, first.artifact.path)
            )
    collections = tuple(collection for _, collection in sorted(collections_by_id.items()))
    return MergedSources(tuple(artifacts), collections, tuple(conflicts))


def _list_contents(copies: list[_Copy]) -> list[_Content]:
    """Return the different contents, the latest last."""
    by_hash: dict[str, _Content] = {}
    for copy in sorted(copies, key=_get_copy_order):
        by_hash.setdefault(copy.artifact.content_hash, _Content([])).copies.append(copy)
    contents = list(by_hash.values())
    if len(contents) > 1:
        # The second sort is stable: among equal ranks, the content in the first collection comes
        # last.
        contents.sort(key=lambda content: _get_copy_order(content.copies[0]), reverse=True)
        contents.sort(key=_get_rank)
    return contents


def _get_copy_order(copy: _Copy) -> tuple[bool, str, str, str, str]:
    collection = copy.collection_id
    return (
        collection is None,
        collection or "",
        copy.source,
        copy.artifact.path,
        copy.artifact.content_hash,
    )


def _get_rank(content: _Content) -> tuple[Rank, int]:
    return rank_version(content.copies[0].artifact.version), len(content.collections)


def _merge_contents(contents: list[_Content]) -> MergedArtifact:
    *other_contents, latest = (content.copies[0].artifact for content in contents)
    tags = {tag for content in contents for copy in content.copies for tag in copy.artifact.tags}
    collections = set[str]().union(*(content.collections for content in contents))
    return MergedArtifact(
        latest, tuple(other_contents), deduplicate_tags(tags), tuple(sorted(collections))
    )


def rank_version(version: str | None) -> Rank:
    """Return a key that sorts versions: none < text < 1.9 < 1.10-beta < 1.10 = v1.10.0+x.

    Numbers may have any length. `packaging.version` does not fit, because it refuses `latest`,
    dates and texts, and sorts 1.10-1 after 1.10.
    """
    if version is None:
        return 0, (), False, ()
    match = _VERSION.match(version)
    if match is None:
        return 1, (), False, _split_parts(version)
    release = _split_parts(match["release"])
    while release and release[-1][2] == "":
        release = release[:-1]
    rest = _split_parts(match["rest"])
    return 2, release, not rest, rest


def _split_parts(text: str) -> tuple[_Part, ...]:
    return tuple(_make_part(part) for part in _PART.findall(text))


def _make_part(text: str) -> _Part:
    if text[0] in "0123456789":
        digits = text.lstrip("0")
        return 0, len(digits), digits
    return 1, 0, text.casefold()
