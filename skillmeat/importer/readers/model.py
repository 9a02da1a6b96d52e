"""The contents of a source on disk, as plain data; an import does not need the files again."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
Kind = Literal["marketplace", "plugin", "claude"]
Origin = Literal["marketplace", "local"]


@dataclass(frozen=True, slots=True)
class FoundArtifact:
    """One artifact file: its columns and the hash of its content.

    Every value fits PostgreSQL's text and jsonb: no NUL, no lone surrogate, no NaN.
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
    """SHA-256 of the file's bytes, in hex; if secrets were replaced, of what the import keeps."""
    origin: Origin
    path: str
    """Relative to the source's root, with slashes."""
    content: str | None = None
    """The text to keep, or None if none can be kept."""

    @property
    def id(self) -> str:
        """The artifact's key, `type:name`."""
        return f"{self.type}:{self.name}"


class FoundCopy(NamedTuple):
    """An artifact, and the id of the collection that has it, or None."""

    collection_id: str | None
    artifact: FoundArtifact


@dataclass(frozen=True, slots=True)
class FoundCollection:
    """A plugin, and the number of its artifacts that could be read."""

    id: str
    name: str
    description: str | None
    artifact_count: int


class SourceReadError(Exception):
    """A failure to read one path; each text is one line that is safe to print."""

    def __init__(self, reason: str, detail: str | None = None, advice: str | None = None) -> None:
        super().__init__(format_message(reason, detail, advice))
        self.reason = reason
        self.detail = detail
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem with one path; each text is one line that is safe to print.

    A report groups the problems that have the same reason and the same advice.
    """

    path: str
    """Relative to the source's root, with slashes."""
    reason: str
    """What is wrong, in the same words for each path."""
    detail: str | None = None
    """What differs from path to path: a line, a name, a URL."""
    advice: str | None = None
    """What the user can do, in the same words for each path."""
    artifact_id: str | None = None
    collection_id: str | None = None
    is_skipped: bool = True
    """False if the artifact was imported despite the problem."""
    hides_artifacts: bool = False
    """Whether the path may hide artifacts. Then an import prunes nothing of `collection_id`, or
    nothing of the whole source if that is None."""
    source: str = ""
    """The name of its source, in a report on several sources."""

    @property
    def message(self) -> str:
        """The reason, the detail and the advice on one line."""
        return format_message(self.reason, self.detail, self.advice)


def format_message(reason: str, detail: str | None, advice: str | None) -> str:
    """Return `reason: detail; advice`, without the parts that are None."""
    message = f"{reason}: {detail}" if detail else reason
    return f"{message}; {advice}" if advice else message


@dataclass(frozen=True, slots=True)
class Omission:
    """A path that the import passes over, because it imports no artifacts of its kind."""

    kind: str
    """A plural noun, such as `monitors`; a report counts the paths of each kind."""
    path: str
    """Relative to the source's root, with slashes."""
    source: str = ""
    """The name of its source, in a report on several sources."""


@dataclass(slots=True)
class Source:
    """One marketplace, plugin or Claude folder, whose files are read one by one.

    A source may have more artifacts than fit into memory. So `copies` yields each artifact once,
    and the lists are complete when it ends.
    """

    name: str
    """Stable from one import to the next, because a later `--prune` compares it."""
    kind: Kind
    root: str
    copies: Iterable[FoundCopy]
    """Each id at most once for a collection."""
    collections: list[FoundCollection]
    problems: list[Problem]
    omissions: list[Omission]
    is_part: bool = False
    """Whether only a part of the folder was named, so that it may be other sources, too."""
