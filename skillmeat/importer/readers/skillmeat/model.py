"""What SkillMeat's own files hold, as plain data that fits the catalogue."""

from dataclasses import dataclass
from datetime import datetime

from skillmeat.importer.readers.model import JSON


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was left or mended, and why, on lines that are safe to print."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class HeldVersion:
    """A content that an artifact has had, by SkillMeat's own record."""

    artifact_id: str
    content_hash: str
    change_origin: str | None
    created_at: datetime | None
    metadata: dict[str, JSON]
    is_deployed: bool = False
    """Whether a project's record says so; then it is news only where the content is."""


@dataclass(frozen=True, slots=True)
class HeldArtifact:
    """An artifact; None is what no file says."""

    type: str
    name: str
    title: str | None
    description: str | None
    author: str | None
    license: str | None
    source: str | None
    origin: str | None
    metadata: dict[str, JSON]
    added_at: datetime | None
    updated_at: datetime | None
    version: str | None
    content_hash: str | None

    @property
    def id(self) -> str:
        """The artifact's key, `type:name`."""
        return f"{self.type}:{self.name}"


@dataclass(frozen=True, slots=True)
class HeldTag:
    """A tag; `id` is None where only its name is known."""

    id: str | None
    name: str
    slug: str
    color: str | None
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldCollection:
    """A collection, and how many members its file says it has."""

    id: str
    name: str
    description: str | None
    created_by: str | None
    collection_type: str | None
    context_category: str | None
    created_at: datetime | None
    updated_at: datetime | None
    is_named_only: bool
    """Whether it is known by its name alone: then one of that id or name is it."""
    said: int | None
    """None where no file claims to name them all."""


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """A group, and how many artifacts its file says it has."""

    id: str
    collection_id: str
    name: str
    description: str | None
    color: str
    icon: str
    tags: tuple[str, ...]
    position: int
    created_at: datetime | None
    updated_at: datetime | None
    said: int


@dataclass(frozen=True, slots=True)
class HeldTemplate:
    """A project template."""

    id: str
    name: str
    description: str | None
    collection_id: str | None
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Membership:
    """An artifact's place in a collection."""

    collection_id: str
    artifact_id: str
    added_at: datetime | None
    is_joined: bool = False
    """Whether no file says so, but a group of the collection that has it."""
    is_deployed: bool = False
    """Whether only a project's record says so, which knows not since when."""


@dataclass(frozen=True, slots=True)
class Placement:
    """An artifact's place in a group."""

    group_id: str
    artifact_id: str
    position: int
    added_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tagging:
    """An artifact has a tag, which is known by its slug."""

    artifact_id: str
    slug: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that was found, each key once, every reference to something that is there."""

    artifacts: tuple[HeldArtifact, ...]
    versions: tuple[HeldVersion, ...]
    tags: tuple[HeldTag, ...]
    taggings: tuple[Tagging, ...]
    collections: tuple[HeldCollection, ...]
    """As they were made, those whose name is mended last: of one name, the first keeps it."""
    memberships: tuple[Membership, ...]
    groups: tuple[HeldGroup, ...]
    placements: tuple[Placement, ...]
    templates: tuple[HeldTemplate, ...]
    left: tuple[Note, ...]
    mended: tuple[Note, ...]
