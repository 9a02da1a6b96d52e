"""Reports: what an import did to each table, and what is wrong with its sources."""

from collections import Counter
from dataclasses import dataclass, fields

from skillmeat.importer.readers import Conflict, Problem
from skillmeat.importer.readers.skillmeat import Note


@dataclass(frozen=True, slots=True)
class RowCounts:
    """How many rows of one kind the sources have, and what became of them."""

    found: int
    added: int
    updated: int

    @property
    def unchanged(self) -> int:
        """How many rows the catalogue had already, equal in every column."""
        return self.found - self.added - self.updated


@dataclass(frozen=True, slots=True)
class RemovedCounts:
    """How many rows were removed because a source no longer has them."""

    artifacts: int = 0
    collections: int = 0
    memberships: int = 0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with `dry_run` would have done."""

    sources: tuple[str, ...]
    artifacts: RowCounts
    """Those with a different column or a new content count as updated."""
    collections: RowCounts
    memberships: RowCounts
    tags: RowCounts
    versions_added: int
    removed: RemovedCounts
    conflicts: tuple[Conflict, ...]
    """Artifacts that the sources hold with different contents."""
    problems: tuple[Problem, ...]
    dry_run: bool

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        counts = (self.artifacts, self.collections, self.memberships, self.tags)
        return (
            any(each.added or each.updated for each in counts)
            or self.versions_added > 0
            or self.removed != RemovedCounts()
        )


@dataclass(frozen=True, slots=True)
class TableCounts:
    """The counts of each table that an import of SkillMeat's data writes to."""

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

    `joined` artifacts became members because a group has them. `repeated` ones are in the source
    more than once. Any others were in the catalogue before.
    """

    kind: str
    id: str
    name: str
    source: int
    here: int
    joined: int
    repeated: int
    is_missing: bool = False
    """Whether the catalogue does not have it at all."""

    @property
    def why(self) -> str:
        """The difference in words."""
        if self.is_missing:
            return "it is not here"
        others = self.here - self.source - self.joined + self.repeated
        lost = "are no members of its collection" if self.kind == "group" else "are missing"
        reasons = (
            (self.joined, "joined it, since a group of it has them"),
            (self.repeated, "the source has more than once"),
            (max(others, 0), "were here before, or are another source's"),
            (max(-others, 0), lost),
        )
        return ", ".join(f"{number} {reason}" for number, reason in reasons if number)


@dataclass(frozen=True, slots=True)
class SkillMeatReport:
    """What an import of SkillMeat's data did, or with `dry_run` would have done."""

    tables: TableCounts
    compared: Counter[str]
    """How many collections and groups declare their number of artifacts."""
    differences: tuple[CountDifference, ...]
    not_imported: tuple[Note, ...]
    adjusted: tuple[Note, ...]
    dry_run: bool

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self.tables.changed
