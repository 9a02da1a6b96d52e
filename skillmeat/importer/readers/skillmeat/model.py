"""The rows of SkillMeat's own files, as plain data that fits the catalogue's tables."""

from dataclasses import dataclass
from datetime import datetime

from skillmeat.importer.readers.model import JSON


@dataclass(frozen=True, slots=True)
class Note:
    """A thing that was adjusted or not imported, and the reason; both are safe to print."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class ArtifactRow:
    """An artifact; a column is None if no file has a value for it."""

    type: str
    name: str
    metadata: dict[str, JSON]
    added_at: datetime | None
    updated_at: datetime | None
    title: str | None = None
    description: str | None = None
    author: str | None = None
    license: str | None = None
    source: str | None = None
    origin: str | None = None
    version: str | None = None
    content_hash: str | None = None

    @property
    def id(self) -> str:
        """The artifact's key, `type:name`."""
        return f"{self.type}:{self.name}"


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of an artifact's content, according to SkillMeat's files."""

    artifact_id: str
    content_hash: str
    change_origin: str | None
    created_at: datetime | None
    metadata: dict[str, JSON]
    is_deployed: bool = False
    """Whether it comes from a project's record. Then it is a new version only if its content is
    new."""


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag; `id` is None if only its name is known."""

    id: str | None
    name: str
    slug: str
    color: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArtifactTagRow:
    """A tag of an artifact; the slug identifies the tag."""

    artifact_id: str
    slug: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """A collection, and the number of members that its file declares."""

    id: str
    name: str
    created_at: datetime | None
    updated_at: datetime | None
    declared_count: int | None
    """None if no file lists all members."""
    description: str | None = None
    created_by: str | None = None
    collection_type: str | None = None
    context_category: str | None = None
    is_named_only: bool = False
    """Whether only its name is known. Then it is the existing collection with that id or name."""


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """The membership of an artifact in a collection."""

    collection_id: str
    artifact_id: str
    added_at: datetime | None
    is_from_group: bool = False
    """Whether only a group of the collection has the artifact."""
    is_deployed: bool = False
    """Whether only a project's record has it. The record does not say when the artifact joined."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group, and the number of artifacts that its file declares."""

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
    declared_count: int


@dataclass(frozen=True, slots=True)
class GroupArtifactRow:
    """An artifact of a group, and its position there."""

    group_id: str
    artifact_id: str
    position: int
    added_at: datetime | None


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A project template."""

    id: str
    name: str
    description: str | None
    collection_id: str | None
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class SkillMeatData:
    """All rows of all files: each key once, and every reference leads to a row."""

    artifacts: tuple[ArtifactRow, ...]
    versions: tuple[VersionRow, ...]
    tags: tuple[TagRow, ...]
    artifact_tags: tuple[ArtifactTagRow, ...]
    collections: tuple[CollectionRow, ...]
    """In the order of their creation, those with an adjusted id or name last.

    If several have the same name, the first keeps it.
    """
    memberships: tuple[MembershipRow, ...]
    groups: tuple[GroupRow, ...]
    group_artifacts: tuple[GroupArtifactRow, ...]
    templates: tuple[TemplateRow, ...]
    not_imported: tuple[Note, ...]
    adjusted: tuple[Note, ...]
