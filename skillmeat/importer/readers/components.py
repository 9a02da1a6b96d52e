"""The table of components: where a plugin and a Claude folder have them, and what scans them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.folder_scan import (
    ScanResult,
    SourcePath,
    scan_documents,
    scan_skills,
)
from skillmeat.importer.readers.safe_files import UnreadableError

Scan: TypeAlias = Callable[[SourcePath, ScanResult], None]
"""Adds the artifacts of a file or folder that exists, with its links resolved."""

ScanInline: TypeAlias = Callable[[object, SourcePath, SourcePath, ScanResult], None]
"""Adds the artifacts that a manifest defines itself: the value, the plugin, and the manifest."""

Scope = Literal["claude", "project", "home"]


@dataclass(frozen=True, slots=True)
class Component:
    """A component of plugins."""

    field: str
    """The key in plugin.json and in the marketplace's entry; a dot leads into an object."""
    default: str
    """The path in the plugin that is scanned unless the manifest declares another."""
    scan: Scan
    keeps_default: bool = False
    """Whether the default is scanned too if the manifest declares paths."""
    scan_inline: ScanInline | None = None
    """Reads an object in place of a path; None if an object has no meaning."""
    is_read_from_entry: bool = True
    """Whether the marketplace's entry may declare it for a plugin that has a plugin.json."""


@dataclass(frozen=True, slots=True)
class Place:
    """A path of a Claude folder, of a project or of a home that may hold artifacts."""

    path: str
    scan: Scan
    scope: Scope = "claude"
    """The folder that `path` starts at: .claude, the project with it, or the user's home."""


scan_agents = partial(scan_documents, "agent")
scan_commands = partial(scan_documents, "command")

COMPONENTS: tuple[Component, ...] = (
    Component("agents", "agents", scan_agents),
    Component("commands", "commands", scan_commands),
    Component("skills", "skills", scan_skills, keeps_default=True),
)

PLACES: tuple[Place, ...] = (
    Place("agents", scan_agents),
    Place("commands", scan_commands),
    Place("skills", scan_skills),
)


def scan_path(scan: Scan, source_path: SourcePath, result: ScanResult) -> None:
    """Scan a path if it exists, or add the problem that keeps it from being read."""
    try:
        if not safe_files.exists(source_path.real):
            return
        real = safe_files.resolve_inside(source_path.real, result.root)
    except UnreadableError as error:
        result.add_problem(source_path, error, hides_artifacts=True)
        return
    scan(SourcePath(real, source_path.path, source_path.collection_id, source_path.tags), result)
