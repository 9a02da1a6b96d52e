"""The search for sources at a path, and the kind of each source."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH100, PTH111, PTH112, PTH118, PTH119, PTH120

import os
from dataclasses import dataclass, replace
from functools import partial

from skillmeat.errors import SourceError
from skillmeat.importer.readers import manifest, marketplace, plugin, safe_files
from skillmeat.importer.readers.components import COMPONENTS, OMITTED_PLACES, PLACES
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.folder_summary import (
    omit_importable_below,
    omit_projects_below,
    summarize_folder,
)
from skillmeat.importer.readers.model import Kind
from skillmeat.importer.readers.omissions import omit
from skillmeat.importer.readers.path_kind import (
    CLAUDE,
    Target,
    find_target,
    list_ambiguous_targets,
    list_component_targets,
    list_targets,
)
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.skillmeat import LOOKED_FOR as SKILLMEAT_FILES
from skillmeat.importer.readers.text import escape

LOOKED_FOR = (
    f"looked in it for a marketplace ({marketplace.PATH} or {marketplace.PLUGINS}/<plugin>/), "
    f"a plugin ({plugin.PATH}), {CLAUDE}/, agents/*.md, commands/*.md, skills/<name>/SKILL.md, "
    f"<name>/SKILL.md and SKILL.md; and for {SKILLMEAT_FILES}"
)

# A plugin.json is optional, and no project has the other files, but for an .lsp.json.
_ONLY_IN_PLUGINS = (
    plugin.PATH,
    *({each.default for each in COMPONENTS if each.default.endswith(".json")} - {".mcp.json"}),
)
_LSP_SERVERS = ".lsp.json"


@dataclass(frozen=True, slots=True)
class Location:
    """A source to read: its kind, its folder, and the folders that its links may not leave."""

    kind: Kind
    root: str
    """The real path that the paths to show start at; a file if it was named alone."""
    boundaries: tuple[str, ...]
    targets: tuple[Target, ...] = ()
    """What to scan where; empty for a marketplace and a plugin, whose manifests say it."""
    beside: tuple[Target, ...] = ()
    """What to scan beside .claude if that holds nothing."""
    is_part: bool = False
    """Whether only the .claude of the folder was named, which may be other sources, too."""

    @property
    def folder(self) -> str:
        """The folder that the source belongs to; for a file named alone, the project or folder."""
        folder = self.root if os.path.isdir(self.root) else os.path.dirname(self.root)
        return os.path.dirname(folder) if os.path.basename(folder) == CLAUDE else folder


def find_locations(path: str | os.PathLike[str]) -> tuple[Location, ...]:
    """Return every source at `path`: a repository may be a marketplace and a Claude project.

    Raises `SourceError` if `path` is missing, or holds no source.
    """
    given = escape(os.fspath(path))
    named = _resolve(path, given)
    project = _find_project(path, named)
    if project:
        found = [replace(_locate_project(project, named), is_part=True)]
    elif os.path.isdir(named):
        if _is_marketplace(named):
            found = [Location("marketplace", named, (named,)), *find_beside(named)]
        else:
            found = find_locations_without_marketplace(named)
    else:
        scan, source_path = find_target(named, given)
        # A SKILL.md stands for its folder.
        root = source_path.real
        found = [Location("claude", root, (named, *_list_boundaries(root)), ((scan, source_path),))]
    if not found:
        raise SourceError(explain_nothing(path))
    return tuple(found)


def explain_nothing(path: str | os.PathLike[str], found: str = "") -> str:
    """Return two lines on a path without artifacts: its contents, and the supported kinds.

    `found` describes the problems that were found in it, if there are any.
    """
    found = found or summarize_folder(os.path.realpath(path))
    return f"{escape(os.fspath(path)) or os.curdir} holds nothing importable: {found}\n{LOOKED_FOR}"


def find_beside(folder: str) -> list[Location]:
    """Return the project that a folder is besides a marketplace or plugin, if it has .claude."""
    is_project = os.path.isdir(os.path.join(folder, CLAUDE))
    return [_locate_project(folder)] if is_project else []


def find_locations_without_marketplace(folder: str) -> list[Location]:
    """Return the sources of a folder without a marketplace, or whose marketplace is empty."""
    beside = find_beside(folder)
    root = SourcePath(folder, "")
    found = [path for path in _ONLY_IN_PLUGINS if os.path.lexists(os.path.join(folder, path))]
    # Many projects list the servers of their languages there, although Claude Code ignores it.
    if found and not (beside and found == [_LSP_SERVERS]):
        return [Location("plugin", folder, (folder,)), *beside]
    uncertain = list_ambiguous_targets(folder)
    below: tuple[Target, ...] = ((omit_importable_below, root),) if folder != get_home() else ()
    if beside:
        (project,) = beside
        servers: tuple[Target, ...] = tuple((_omit_lsp_servers, root.join(path)) for path in found)
        targets = project.targets + servers + uncertain + below
        return [replace(project, targets=targets, beside=list_component_targets(folder))]
    targets = list_targets(folder)
    files = _list_project_targets(folder)
    if not targets and files:
        files += uncertain + below
    targets += files
    return [Location("claude", folder, _list_boundaries(folder), targets)] if targets else []


def get_home() -> str:
    """Return the real path of the user's home."""
    return os.path.realpath(os.path.expanduser("~"))


def _resolve(path: str | os.PathLike[str], given: str) -> str:
    """Return the real path of the given path; a manifest stands for its folder."""
    try:
        named = os.path.realpath(path, strict=True)
        parent, name = os.path.split(named)
        if os.path.basename(parent) == manifest.FOLDER and not os.path.isdir(named):
            named = os.path.dirname(parent)
        elif name == manifest.FOLDER:
            named = parent
        if os.path.isdir(named):
            safe_files.list_entries(named)
    except FileNotFoundError:
        message = f"{given} does not exist: name the folder of a marketplace or a Claude project"
        raise SourceError(message) from None
    except (OSError, ValueError, UnreadableError) as error:
        reason = "it is not a valid path"
        if isinstance(error, UnreadableError):
            reason = error.reason.removeprefix("cannot be read: ")
        elif isinstance(error, OSError):
            reason = error.strerror or reason
        message = f"{given} cannot be read: {reason}"
        raise SourceError(message) from None
    return named


def _find_project(path: str | os.PathLike[str], named: str) -> str | None:
    """Return the project or the home of a given .claude, also through links."""
    if named == os.path.realpath(os.path.join(get_home(), CLAUDE)):
        return get_home()
    for each in (os.path.abspath(os.fspath(path)), named):
        if os.path.basename(each) == CLAUDE:
            return os.path.realpath(os.path.dirname(each))
    return None


def _is_marketplace(folder: str) -> bool:
    if os.path.lexists(os.path.join(folder, marketplace.PATH)):
        return True
    if os.path.lexists(os.path.join(folder, plugin.PATH)):
        return False
    try:
        entries = safe_files.list_entries(os.path.join(folder, marketplace.PLUGINS))
    except UnreadableError:
        return False
    return any(plugin.is_plugin(entry.path) for entry in entries)


def _locate_project(folder: str, *named: str) -> Location:
    """Return the project with .claude; `named` is its .claude if that was named itself."""
    base = SourcePath(os.path.join(folder, CLAUDE), CLAUDE)
    boundaries = (*_list_boundaries(folder), *named)
    try:
        safe_files.resolve_inside(base.real, *boundaries)
    except UnreadableError:
        # Each path in it would lead outside too.
        return Location("claude", folder, boundaries, ((_scan_nothing, base),))
    targets = tuple(
        (place.scan, base.join(place.path))
        for place in (*PLACES, *OMITTED_PLACES)
        if place.scope == "claude"
    )
    targets += _list_project_targets(folder)
    if folder != get_home():
        targets += ((omit_projects_below, SourcePath(folder, "")),)
    return Location("claude", folder, boundaries, targets)


_omit_lsp_servers = partial(omit, "LSP servers of a project, which Claude Code ignores")


def _scan_nothing(_source_path: SourcePath, _result: ScanResult) -> None:
    """Report only the problem of the path itself."""


def _list_project_targets(folder: str) -> tuple[Target, ...]:
    """Return the existing paths to scan beside .claude."""
    scopes = ("project", "home") if folder == get_home() else ("project",)
    root = SourcePath(folder, "")
    return tuple(
        (place.scan, root.join(place.path))
        for place in (*PLACES, *OMITTED_PLACES)
        if place.scope in scopes and os.path.lexists(os.path.join(folder, place.path))
    )


def _list_boundaries(folder: str) -> tuple[str, ...]:
    """Return the folders that links may lead to: the folder, and from ~/.claude also the home."""
    home = get_home()
    own = os.path.realpath(os.path.join(home, CLAUDE))
    if folder == home or f"{folder}/".startswith(f"{own}/"):
        return (folder, home, own)
    return (folder,)
