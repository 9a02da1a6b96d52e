"""What several files say about the same things, put together: who speaks first is heard."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from skillmeat.importer.readers.model import JSON
from skillmeat.importer.readers.skillmeat.model import Note
from skillmeat.importer.readers.skillmeat.renaming import ArtifactKey

Row = Mapping[str, object]

DEFAULT = "default"


@dataclass(slots=True)
class Draft:
    """An artifact, as far as the files that were read know it."""

    said: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, JSON] = field(default_factory=dict)
    added_at: datetime | None = None
    updated_at: datetime | None = None
    first_joined: datetime | None = None
    tag_names: dict[str, None] = field(default_factory=dict)
    is_held: bool = False
    """Whether a file holds it, and not only its name."""
    has_manifest: bool = False
    """Whether that file is a collection.toml, which goes before what memberships remember."""

    def say(self, /, **fields: str | None) -> None:
        """Note what was not known yet."""
        for name, value in fields.items():
            if value is not None:
                self.said.setdefault(name, value)

    def keep(self, /, **fields: JSON) -> None:
        """The same for what has no column; what is empty is nothing."""
        for name, value in fields.items():
            if value is not None and value not in ("", [], {}):
                self.metadata.setdefault(name, value)

    def joined(self, moment: datetime | None) -> None:
        """Note since when it is in some collection."""
        if moment is not None and (self.first_joined is None or moment < self.first_joined):
            self.first_joined = moment


@dataclass(slots=True)
class SaidVersion:
    """A content that an artifact has had, by a row or a project's record."""

    key: ArtifactKey
    content_hash: str | None
    change_origin: str | None
    created_at: datetime | None
    metadata: dict[str, JSON]
    is_deployed: bool = False


@dataclass(slots=True)
class Members:
    """The members of one collection."""

    added_at: dict[ArtifactKey, datetime | None] = field(default_factory=dict)
    said: int = 0
    deployed: set[ArtifactKey] = field(default_factory=set)
    """Those that nothing but a project's record tells of."""


@dataclass(slots=True)
class Named:
    """A collection that a folder or a project's record names; no file has a row of it."""

    name: str
    created_at: datetime | None
    updated_at: datetime | None
    members: Members = field(default_factory=Members)
    is_whole: bool = False
    """Whether its members are all there are."""


@dataclass(slots=True)
class Gathered:
    """All that was read, by the keys that the files use."""

    artifacts: dict[ArtifactKey, Draft] = field(default_factory=dict)
    collections: dict[str, Row] = field(default_factory=dict)
    members: dict[str, Members] = field(default_factory=dict)
    named: dict[str, Named] = field(default_factory=dict)
    groups: dict[str, Row] = field(default_factory=dict)
    placements: dict[str, dict[ArtifactKey, Row]] = field(default_factory=dict)
    placements_said: dict[str, int] = field(default_factory=dict)
    tags: dict[str, Row] = field(default_factory=dict)
    taggings: list[tuple[ArtifactKey, str, datetime | None]] = field(default_factory=list)
    templates: dict[str, Row] = field(default_factory=dict)
    versions: list[SaidVersion] = field(default_factory=list)
    left: list[Note] = field(default_factory=list)
    mended: list[Note] = field(default_factory=list)

    def draft(self, key: ArtifactKey) -> Draft:
        """The artifact of this key, new if nobody spoke of it before."""
        found = self.artifacts.get(key)
        if found is None:
            found = self.artifacts[key] = Draft()
        return found
