"""What a folder holds that is not importable itself, in words: its files, and what lies below."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH112, PTH118, PTH119

import os
from collections import deque
from collections.abc import Iterator, Sequence

from skillmeat.importer.readers import marketplace, plugin, safe_files
from skillmeat.importer.readers.path_kind import CLAUDE, count_skill_folders
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import escape

_MOST_NAMES = 5
_MOST_PATHS = 3

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


def _list(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def _find_importable(folder: str) -> Iterator[tuple[str, str]]:
    """Yield the importable folders below, the nearest first, and what each is."""
    pending = deque([(folder, 0)])
    visited = 0
    while pending and visited < _MOST_FOLDERS:
        path, depth = pending.popleft()
        visited += 1
        try:
            entries = safe_files.list_entries(path)
        except UnreadableError:
            continue
        what = _describe(path, entries) if depth else None
        if what:
            yield path, what
            continue
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
        return " and ".join(
            f"{number:,} {kind}{'' if number == 1 else 's'}" for kind, number in counts.items()
        )
    name = os.path.basename(path)
    is_documents = any(entry.name.lower().endswith(".md") for entry in entries)
    return name if name in ("agents", "commands") and is_documents else None
