"""The reports of an import: the changes to each table, and the problems of the sources."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields

from skillmeat.importer.readers import Omission, Problem
from skillmeat.importer.readers.skillmeat import Note


@dataclass(frozen=True, slots=True)
class RowCounts:
    """The number of rows of one kind in the sources, and how many were added and updated."""

    found: int
    added: int
    updated: int

    @property
    def unchanged(self) -> int:
        """The number of rows that the catalogue already had, equal in every column."""
        return self.found - self.added - self.updated


@dataclass(frozen=True, slots=True)
class RemovedCounts:
    """The number of rows that were removed because a source no longer has them."""

    artifacts: int = 0
    collections: int = 0
    memberships: int = 0
    tags: int = 0
    """The tags of artifacts."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """An artifact whose copies differ, in these sources or in others."""

    artifact_id: str
    contents: int
    """The number of different contents."""
    collection_id: str | None
    """The first collection with the latest content; None if that content is in no plugin."""
    path: str
    """The path of the latest content, relative to the root of its source."""
    source: str
    """The name of that source."""


@dataclass(frozen=True, slots=True)
class SharedCollection:
    """A collection that several sources fill; a prune of one keeps what the others have."""

    id: str
    sources: list[str]
    """The names of the sources, each with its folder if two have one name."""


@dataclass(frozen=True, slots=True)
class SkippedCounts:
    """The number of artifacts and of plugins that could not be read."""

    artifacts: int = 0
    collections: int = 0


def count_skipped(problems: Iterable[Problem], read: AbstractSet[tuple[str, str]]) -> SkippedCounts:
    """Count what the problems skip; `read` has the source and the id of each plugin that was read.

    A source may lack a plugin that another source has under the same id.
    """
    artifacts: set[tuple[str, str | None, str]] = set()
    collections: set[tuple[str, str]] = set()
    for problem in problems:
        if problem.is_skipped and problem.artifact_id:
            artifacts.add((problem.source, problem.collection_id, problem.artifact_id))
        elif problem.is_skipped and problem.collection_id is not None:
            collections.add((problem.source, problem.collection_id))
    return SkippedCounts(len(artifacts), len(collections - read))


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of an import, or with `dry_run` the result that it would have had."""

    sources: tuple[str, ...]
    artifacts: RowCounts
    """An artifact with a changed column or a new content counts as updated."""
    collections: RowCounts
    memberships: RowCounts
    tags: RowCounts
    versions_added: int
    contents_added: int
    """The number of texts that the catalogue did not have."""
    tags_respelled: int
    """The number of tags whose name changed, because copies spell it differently."""
    removed: RemovedCounts
    skipped: SkippedCounts
    empty_collections: tuple[str, ...]
    """The ids of the plugins without an artifact that could be read."""
    conflicts: tuple[Conflict, ...]
    """The artifacts of the sources that have copies with different contents."""
    shared: tuple[SharedCollection, ...]
    """The collections of the sources that other sources fill as well."""
    problems: tuple[Problem, ...]
    omissions: tuple[Omission, ...]
    dry_run: bool

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        counts = (self.artifacts, self.collections, self.memberships, self.tags)
        return (
            any(each.added or each.updated for each in counts)
            or self.versions_added > 0
            or self.contents_added > 0
            or self.tags_respelled > 0
            or self.removed != RemovedCounts()
        )


@dataclass(frozen=True, slots=True)
class TableCounts:
    """The row counts of each table that an import of SkillMeat's data writes to."""

    artifacts: RowCounts
    versions: RowCounts
    tags: RowCounts
    artifact_tags: RowCounts
    collections: RowCounts
    memberships: RowCounts
    groups: RowCounts
    group_artifacts: RowCounts
    templates: RowCounts

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        counts: list[RowCounts] = [getattr(self, field.name) for field in fields(self)]
        return any(each.added or each.updated for each in counts)


@dataclass(frozen=True, slots=True)
class CountDifference:
    """A collection or group whose number of artifacts differs from the source's.

    `joined` counts artifacts that became members because a group has them. `repeated` counts
    artifacts that the source lists more than once. Any others were in the catalogue before.
    """

    kind: str
    id: str
    name: str
    source: int
    here: int
    joined: int
    repeated: int
    is_missing: bool = False
    """Whether the catalogue lacks the collection or group."""

    @property
    def why(self) -> str:
        """The reasons for the difference, in words."""
        if self.is_missing:
            return "it is not in the catalogue"
        others = self.here - self.source - self.joined + self.repeated
        lost = "are not members of its collection" if self.kind == "group" else "are missing"
        reasons = (
            (self.joined, "joined it because one of its groups has them"),
            (self.repeated, "are listed more than once in the source"),
            (max(others, 0), "were in the catalogue before, or come from another source"),
            (max(-others, 0), lost),
        )
        return ", ".join(f"{number} {reason}" for number, reason in reasons if number)


@dataclass(frozen=True, slots=True)
class SkillMeatReport:
    """The result of an import of SkillMeat's data, or with `dry_run` of a trial import."""

    tables: TableCounts
    compared: Counter[str]
    """The number of collections and of groups that declare their number of artifacts."""
    differences: tuple[CountDifference, ...]
    not_imported: tuple[Note, ...]
    adjusted: tuple[Note, ...]
    dry_run: bool

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self.tables.changed
