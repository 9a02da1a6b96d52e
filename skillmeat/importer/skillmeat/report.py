"""What taking over did, and whether the counts are the source's."""

from collections import Counter
from dataclasses import dataclass, fields

from skillmeat.importer.readers.skillmeat import Note
from skillmeat.importer.report import RowCounts


@dataclass(frozen=True, slots=True)
class Kinds:
    """A tally of each kind of row."""

    artifacts: RowCounts
    versions: RowCounts
    tags: RowCounts
    taggings: RowCounts
    collections: RowCounts
    memberships: RowCounts
    groups: RowCounts
    placements: RowCounts
    templates: RowCounts

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        tallies: list[RowCounts] = [getattr(self, field.name) for field in fields(self)]
        return any(tally.added or tally.updated for tally in tallies)


@dataclass(frozen=True, slots=True)
class Counted:
    """A collection or group that holds another number of artifacts than the source says.

    `joined` of them were in groups of it alone, and of `repeated` ones the source says twice that
    they are in it; what is then still too many was here before.
    """

    kind: str
    id: str
    name: str
    source: int
    here: int
    joined: int
    repeated: int
    is_missing: bool = False
    """Whether it is not here at all."""

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
class Adopted:
    """What taking over did, or with `dry_run` would have done."""

    kinds: Kinds
    compared: Counter[str]
    """Of how many collections and groups the source says what is in them."""
    differing: tuple[Counted, ...]
    left: tuple[Note, ...]
    mended: tuple[Note, ...]
    dry_run: bool

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self.kinds.changed
