"""What a source on disk holds, as plain data that can be stored without another look at a file."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
Kind = Literal["marketplace", "plugin", "claude"]
Origin = Literal["marketplace", "local"]


@dataclass(frozen=True, slots=True)
class FoundArtifact:
    """One artifact file: its columns, and the hash that tells one content from another.

    Everything in it fits PostgreSQL's text and jsonb: no NUL, no lone surrogate, no NaN.
    """

    type: str
    name: str
    title: str | None
    description: str | None
    author: str | None
    license: str | None
    version: str | None
    tags: tuple[str, ...]
    metadata: dict[str, JSON]
    content_hash: str
    """SHA-256 of the file's bytes, in hex."""
    origin: Origin
    path: str
    """Relative to the source's root, with slashes."""

    @property
    def id(self) -> str:
        """The artifact's key, `type:name`."""
        return f"{self.type}:{self.name}"


@dataclass(frozen=True, slots=True)
class FoundCollection:
    """A plugin and its artifacts, in the order of their ids, each id once."""

    id: str
    name: str
    description: str | None
    artifacts: tuple[FoundArtifact, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one path, in one line that is safe to print."""

    path: str
    reason: str
    artifact_id: str | None = None
    collection_id: str | None = None
    is_skipped: bool = True
    """False where the artifact was imported nevertheless."""
    hides_artifacts: bool = False
    """Whether the path may hide artifacts, so that none may be taken for removed: none of
    `collection_id`, or of the whole source where that is None."""


@dataclass(frozen=True, slots=True)
class Source:
    """All that one marketplace, plugin or Claude folder holds."""

    name: str
    """Stable from one import to the next: what a later `--prune` compares with."""
    kind: Kind
    root: str
    collections: tuple[FoundCollection, ...]
    artifacts: tuple[FoundArtifact, ...]
    """Those that are in no plugin."""
    problems: tuple[Problem, ...] = field(default=())
