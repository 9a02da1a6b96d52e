"""The search for sources at a path, and the kind of each source."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH112, PTH118, PTH119, PTH208

import os
from dataclasses import dataclass
from pathlib import Path

from skillmeat.errors import SourceError
from skillmeat.importer.readers import marketplace, plugin
from skillmeat.importer.readers.components import PLACES
from skillmeat.importer.readers.model import Kind
from skillmeat.importer.readers.skillmeat import LOOKED_FOR as SKILLMEAT_FILES
from skillmeat.importer.readers.text import escape

CLAUDE = ".claude"

LOOKED_FOR = (
    f"looked for a marketplace ({marketplace.PATH} or {marketplace.PLUGINS}/<plugin>/), a plugin "
    f"({plugin.PATH}), and in {CLAUDE}/ or in the folder itself agents/*.md, commands/*.md, "
    f"skills/<name>/SKILL.md; and for {SKILLMEAT_FILES}"
)


@dataclass(frozen=True, slots=True)
class Location:
    """A folder to read: its kind and its real path."""

    kind: Kind
    root: str


def find_locations(path: str | os.PathLike[str]) -> tuple[Location, ...]:
    """Return every source at `path`: a repository may be a marketplace and a Claude project.

    Raises `SourceError` if `path` is missing, is not a folder, or holds no source.
    """
    given = escape(os.fspath(path))
    try:
        root = os.path.realpath(path, strict=True)
        names = set(os.listdir(root))
    except FileNotFoundError:
        message = f"{given} does not exist: name the folder of a marketplace or a Claude project"
        raise SourceError(message) from None
    except NotADirectoryError:
        message = (
            f"{given} is not a folder: name the folder that holds the marketplace or {CLAUDE}, or "
            f"{SKILLMEAT_FILES}"
        )
        raise SourceError(message) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a valid path"
        message = f"{given} cannot be read: {reason}"
        raise SourceError(message) from None
    found = list(_list_locations(root, names, given))
    if not found:
        message = f"{given} holds nothing importable: {LOOKED_FOR}"
        raise SourceError(message)
    return tuple(found)


def _list_locations(root: str, names: set[str], given: str) -> list[Location]:
    if os.path.basename(root) == CLAUDE:
        return [Location("claude", root)]
    found: list[Location] = []
    if os.path.lexists(os.path.join(root, marketplace.PATH)):
        found.append(Location("marketplace", root))
    elif os.path.lexists(os.path.join(root, plugin.PATH)):
        found.append(Location("plugin", root))
    elif marketplace.PLUGINS in names and _has_plugins(os.path.join(root, marketplace.PLUGINS)):
        found.append(Location("marketplace", root))
    if CLAUDE in names:
        claude = os.path.realpath(os.path.join(root, CLAUDE))
        if not Path(claude).is_relative_to(root):
            message = f"{given}/{CLAUDE} leads outside {given}: import {escape(claude)} instead"
            raise SourceError(message)
        if os.path.isdir(claude):
            found.append(Location("claude", claude))
    if not found and not names.isdisjoint(place.path for place in PLACES):
        found.append(Location("claude", root))
    return found


def _has_plugins(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(plugin.is_plugin(entry.path) for entry in entries)
    except OSError:
        return False
