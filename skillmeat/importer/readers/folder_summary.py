"""What a folder holds that is not importable itself, in words: its files, and what lies below."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH112, PTH118, PTH119

import os
from collections import deque
from collections.abc import Iterator, Sequence

from skillmeat.importer.readers import manifest, marketplace, plugin, safe_files
from skillmeat.importer.readers.components import PLACES
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.path_kind import CLAUDE, count_skill_folders, list_skill_files
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import escape, format_count

_MOST_NAMES = 5
_MOST_PATHS = 3

_PARTS_OF_PROJECTS = {
    CLAUDE: "projects in subfolders",
    "CLAUDE.md": "CLAUDE.md files in subfolders",
}

# A scan of the folder reads these, or counts them itself.
_READ_OR_COUNTED = frozenset(place.path for place in PLACES)

# The search for what lies below ends, however large the folder is.
_DEEPEST = 5
_MOST_FOLDERS = 2_000
_SKIPPED = frozenset((".git", ".venv", "__pycache__", "node_modules", "site-packages"))


def summarize_folder(folder: str) -> str:
    """Return the names in the folder, and the paths below that are importable."""
    if not os.path.isdir(folder):
        return "it is not a file that is imported"
    try:
        entries = safe_files.list_entries(folder)
    except UnreadableError as error:
        return str(error)
    if not entries:
        return "it is empty"
    names = [f"{escape(entry.name)}{'/' if os.path.isdir(entry.path) else ''}" for entry in entries]
    summary = f"it holds {_list(names, _MOST_NAMES)}"
    below = [f"{escape(path)} ({what})" for path, what in _find_importable(folder)]
    return f"{summary}; import {_list(below, _MOST_PATHS)} in it" if below else summary


def omit_projects_below(source_path: SourcePath, result: ScanResult) -> None:
    """Count the projects in subfolders, which Claude Code reads when it works on files there."""
    for folder, entries in _walk(source_path.real):
        is_plugin = any(entry.name == manifest.FOLDER for entry in entries)
        if is_plugin or os.path.basename(folder).startswith("."):
            entries.clear()
        path = os.path.relpath(folder, source_path.real).replace(os.sep, "/")
        for entry in entries:
            if kind := _PARTS_OF_PROJECTS.get(entry.name):
                result.add_omission(kind, source_path.join(f"{path}/{entry.name}"))


def omit_importable_below(source_path: SourcePath, result: ScanResult) -> None:
    """Count the plugins and the folders of skills in subfolders, which may be imported alone.

    What the scan of the source reads or counts itself, also through links, is not counted again.
    """
    for folder, entries in _walk(source_path.real):
        path = os.path.relpath(folder, source_path.real).replace(os.sep, "/")
        if path in _READ_OR_COUNTED or os.path.basename(folder) == CLAUDE:
            entries.clear()
        elif any(entry.name == manifest.FOLDER for entry in entries):
            result.add_omission("plugins and marketplaces in subfolders", source_path.join(path))
            entries.clear()
        elif skills := list_skill_files(folder):
            if any(("skill", file, None) not in result.files for file in skills):
                result.add_omission("folders of skills in subfolders", source_path.join(path))
            entries.clear()


def _list(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def _find_importable(folder: str) -> Iterator[tuple[str, str]]:
    """Yield the importable folders below, the nearest first, and what each is."""
    for path, entries in _walk(folder):
        what = _describe(path, entries)
        if what:
            yield path, what
            entries.clear()


def _walk(folder: str) -> Iterator[tuple[str, list[os.DirEntry[str]]]]:
    """Yield the folders below, the nearest first, and the entries of each.

    The walk goes on to the entries that the caller leaves in the list.
    """
    pending = deque([(folder, 0)])
    visited = 0
    while pending and visited < _MOST_FOLDERS:
        path, depth = pending.popleft()
        visited += 1
        try:
            entries = safe_files.list_entries(path)
        except UnreadableError:
            continue
        if depth:
            yield path, entries
        pending.extend(
            (entry.path, depth + 1)
            for entry in entries
            if depth < _DEEPEST and entry.name not in _SKIPPED and safe_files.is_folder(entry)
        )


def _describe(path: str, entries: Sequence[os.DirEntry[str]]) -> str | None:
    if os.path.lexists(os.path.join(path, marketplace.PATH)):
        return "a marketplace"
    if os.path.lexists(os.path.join(path, plugin.PATH)):
        return "a plugin"
    if os.path.isdir(os.path.join(path, CLAUDE)):
        return "a project"
    counts = count_skill_folders(path)
    if counts:
        return " and ".join(format_count(number, kind) for kind, number in counts.items())
    name = os.path.basename(path)
    is_documents = any(entry.name.lower().endswith(".md") for entry in entries)
    return name if name in ("agents", "commands") and is_documents else None
