"""What no manifest declares, so that no import reads it: artifacts, and plugins beside listed ones.

It is known after the last plugin only: plugins in one folder may declare different files of it.
"""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH112, PTH118, PTH120

import os
from collections.abc import Collection, Iterator

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.components import COMPONENTS, Component, scan_path
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.path_kind import CLAUDE, has_manifest
from skillmeat.importer.readers.safe_files import UnreadableError

_BESIDE_DECLARED = "files beside those that a manifest declares"
_UNOWNED = "artifacts that no plugin of the marketplace has"

# Other tools have these, too. A marketplace without a plugin there says nothing about them.
_AMBIGUOUS = ("workflows", "experimental.themes")


def omit_undeclared(plugins: Collection[SourcePath], result: ScanResult) -> None:
    """Count the files of default folders of which manifests declare others only."""
    components = {component.field: component for component in COMPONENTS}
    for key, (default, read) in result.partly_read.items():
        if key not in result.read_folders:
            files = _find_files(components[key[0]], default, plugins, result)
            _omit(_BESIDE_DECLARED, files, read, result)


def omit_unowned(plugins: Collection[SourcePath], result: ScanResult) -> None:
    """Count the artifacts in the default folders of a marketplace that is no plugin itself."""
    root = SourcePath(result.root, "")
    if any(plugin.real == root.real for plugin in plugins):
        return
    for component in COMPONENTS:
        if component.field in _AMBIGUOUS:
            continue
        # A project beside the marketplace may have links to them, or the same .mcp.json.
        paths = [f"{CLAUDE}/{component.default}"]
        if os.path.isdir(os.path.join(root.real, CLAUDE)) and component.default == ".mcp.json":
            paths.append(component.default)
        read = {
            file.real
            for path in paths
            for file in _find_files(component, root.join(path), (), result)
        }
        files = _find_files(component, root.join(component.default), plugins, result)
        _omit(_UNOWNED, files, read, result)


def omit_unlisted(plugins: Collection[SourcePath], result: ScanResult) -> None:
    """Count the plugins beside listed ones that the marketplace does not list."""
    known = {plugin.real for plugin in plugins} | {result.root}
    counted = {each.path for each in result.omissions}
    folders = {os.path.dirname(plugin.path): os.path.dirname(plugin.real) for plugin in plugins}
    for path, real in sorted(folders.items()):
        if not f"{real}/".startswith(f"{result.root}/"):
            continue
        try:
            entries = safe_files.list_entries(real)
        except UnreadableError:
            # The scan of the plugins reports what it cannot read.
            continue
        for entry in entries:
            folder = SourcePath(real, path).join(entry.name)
            is_hidden = entry.name.startswith(".")
            if is_hidden or folder.real in known or not safe_files.is_folder(entry):
                continue
            if has_manifest(folder.real) and folder.path not in counted:
                result.add_omission("plugins that the marketplace does not list", folder)


def _find_files(
    component: Component,
    folder: SourcePath,
    plugins: Collection[SourcePath],
    result: ScanResult,
) -> Iterator[SourcePath]:
    """Yield each file of artifacts and each plugin in a folder, but nothing in the given plugins.

    The scan has a result of its own, so it reports nothing.
    """
    found = ScanResult(result.root, result.boundaries)
    scan_path(component.scan, SourcePath(folder.real, folder.path), found)
    others = {each.real for each in plugins if each.real.startswith(f"{folder.real}/")}
    for file in (*(SourcePath(each.file, each.path) for each in found.candidates), *found.plugins):
        above = file.real
        while above not in others and len(above) > len(folder.real):
            above = os.path.dirname(above)
        if above not in others:
            yield file


def _omit(kind: str, files: Iterator[SourcePath], read: set[str], result: ScanResult) -> None:
    paths = dict.fromkeys(file.path for file in files if file.real not in read)
    for path in paths:
        result.add_omission(kind, SourcePath("", path))
