"""The records that collect the values of several files; the first value of a field stays."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from skillmeat.importer.readers.model import JSON
from skillmeat.importer.readers.skillmeat.model import Note
from skillmeat.importer.readers.skillmeat.renaming import ArtifactKey

Row = Mapping[str, object]

DEFAULT = "default"


@dataclass(slots=True)
class ArtifactRecord:
    """An artifact, as described by the files that were read so far."""

    columns: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, JSON] = field(default_factory=dict)
    added_at: datetime | None = None
    updated_at: datetime | None = None
    first_joined_at: datetime | None = None
    """The time at which it first joined a collection."""
    tag_names: dict[str, None] = field(default_factory=dict)
    is_described: bool = False
    """Whether a file describes it, and not only refers to it."""
    has_manifest: bool = False
    """Whether that file is a collection.toml, which takes precedence over memberships."""

    def set_defaults(self, /, **columns: str | None) -> None:
        """Set the columns that have no value yet."""
        for name, value in columns.items():
            if value is not None:
                self.columns.setdefault(name, value)

    def set_metadata_defaults(self, /, **fields: JSON) -> None:
        """Set the metadata fields that have no value yet; empty values are ignored."""
        for name, value in fields.items():
            if value is not None and value not in ("", [], {}):
                self.metadata.setdefault(name, value)

    def note_membership(self, added_at: datetime | None) -> None:
        """Note when it joined a collection; the earliest time is kept."""
        if added_at is not None and (
            self.first_joined_at is None or added_at < self.first_joined_at
        ):
            self.first_joined_at = added_at


@dataclass(slots=True)
class VersionRecord:
    """A version of an artifact's content, from a database row or a project's record."""

    key: ArtifactKey
    content_hash: str | None
    change_origin: str | None
    created_at: datetime | None
    metadata: dict[str, JSON]
    is_deployed: bool = False


@dataclass(slots=True)
class MemberRecords:
    """The members of one collection."""

    added_at: dict[ArtifactKey, datetime | None] = field(default_factory=dict)
    declared_count: int = 0
    deployed: set[ArtifactKey] = field(default_factory=set)
    """The members that only a project's record has."""


@dataclass(slots=True)
class NamedCollection:
    """A collection that a folder or a project's record names, without a row in a database."""

    name: str
    created_at: datetime | None = None
    updated_at: datetime | None = None
    members: MemberRecords = field(default_factory=MemberRecords)
    is_complete: bool = False
    """Whether all its members are known."""


@dataclass(slots=True)
class Records:
    """Everything that was read, by the keys that the files use."""

    artifacts: dict[ArtifactKey, ArtifactRecord] = field(default_factory=dict)
    versions: list[VersionRecord] = field(default_factory=list)
    tags: dict[str, Row] = field(default_factory=dict)
    artifact_tags: list[tuple[ArtifactKey, str, datetime | None]] = field(default_factory=list)
    collections: dict[str, Row] = field(default_factory=dict)
    named_collections: dict[str, NamedCollection] = field(default_factory=dict)
    members: dict[str, MemberRecords] = field(default_factory=dict)
    groups: dict[str, Row] = field(default_factory=dict)
    group_artifacts: dict[str, dict[ArtifactKey, Row]] = field(default_factory=dict)
    declared_group_counts: Counter[str] = field(default_factory=Counter)
    templates: dict[str, Row] = field(default_factory=dict)
    not_imported: list[Note] = field(default_factory=list)
    adjusted: list[Note] = field(default_factory=list)

    def get_artifact(self, key: ArtifactKey) -> ArtifactRecord:
        """Return the record of this key; create it if no file has mentioned the artifact."""
        record = self.artifacts.get(key)
        if record is None:
            record = self.artifacts[key] = ArtifactRecord()
        return record
