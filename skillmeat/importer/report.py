"""What an import did."""

from dataclasses import dataclass

from skillmeat.importer.readers import Conflict, Problem


@dataclass(frozen=True, slots=True)
class RowCounts:
    """How many of one kind a source has, and what became of them."""

    found: int
    added: int
    updated: int

    @property
    def unchanged(self) -> int:
        """How many were there already, just so."""
        return self.found - self.added - self.updated


@dataclass(frozen=True, slots=True)
class RemovedCounts:
    """How many rows went because a source no longer has them."""

    artifacts: int = 0
    collections: int = 0
    memberships: int = 0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with `dry_run` would have done."""

    sources: tuple[str, ...]
    artifacts: RowCounts
    """Updated are those whose columns differ or that have a new content."""
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
        tallies = (self.artifacts, self.collections, self.memberships, self.tags)
        return (
            any(tally.added or tally.updated for tally in tallies)
            or self.versions_added > 0
            or self.removed != RemovedCounts()
        )
