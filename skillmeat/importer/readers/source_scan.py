"""The scan of a source: its name, its plugins, and the files to read."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH119

import os
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from skillmeat.importer.readers import marketplace
from skillmeat.importer.readers.components import scan_path
from skillmeat.importer.readers.discovery import (
    Location,
    find_locations,
    find_locations_without_marketplace,
    get_home,
)
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.marketplace import ListedPlugin
from skillmeat.importer.readers.model import Kind
from skillmeat.importer.readers.path_kind import CLAUDE
from skillmeat.importer.readers.plugin import (
    Plugin,
    get_declared_name,
    read_plugin_manifest,
    scan_plugin,
)
from skillmeat.importer.readers.project_files import omit_root_context_file
from skillmeat.importer.readers.text import escape, is_valid_name
from skillmeat.importer.readers.undeclared import omit_undeclared, omit_unlisted, omit_unowned


class ScannedSource(NamedTuple):
    """A source whose files are found while `steps` is iterated.

    Each step is one plugin, or None for what is in no plugin. It leaves its files in
    `result.candidates`; the caller takes them out before the next step. The problems are complete
    after the last step.
    """

    name: str
    kind: Kind
    root: str
    result: ScanResult
    steps: Iterator[Plugin | None]
    is_part: bool = False
    """As in `Source`."""


def scan_sources(path: str | os.PathLike[str]) -> list[ScannedSource]:
    """Return every source at `path`. Raises `SourceError` if there is none."""
    market, *beside = find_locations(path)
    if market.kind != "marketplace":
        return [_scan_location(location) for location in (market, *beside)]
    result = ScanResult(market.root, market.boundaries)
    listing = marketplace.read_listing(result)
    plugins = marketplace.list_plugins(listing, result)
    if not plugins:
        # A listing without a plugin of this folder hides nothing that lies beside it.
        locations = find_locations_without_marketplace(market.root)
        sources = [_scan_location(location) for location in locations]
        if sources:
            if listing and not result.problems:
                marketplace.add_empty_problem(listing, result)
            # A plugin may list itself by the address of its repository.
            own = sources[0].name if sources[0].kind == "plugin" else None
            sources[0].result.problems.extend(
                problem
                for problem in result.problems
                if own is None or not marketplace.is_remote(problem, own)
            )
            return sources
    omit_root_context_file(result)
    folders = [each.source_path for each in plugins]
    omit_unowned(folders, result)
    omit_unlisted(folders, result)
    name = marketplace.name_source(listing, _name_folder(market.root), result)
    steps = _scan_listed(plugins, result)
    scanned = ScannedSource(name, "marketplace", market.root, result, steps)
    return [scanned, *(_scan_location(location) for location in beside)]


def _scan_location(location: Location) -> ScannedSource:
    result = ScanResult(location.folder, location.boundaries)
    if location.kind == "plugin":
        omit_root_context_file(result)
        root = SourcePath(location.root, "")
        own = read_plugin_manifest(root, result)
        name = get_declared_name(own) or _name_folder(location.root)
        steps = _scan_listed([ListedPlugin(name, root, None, own)], result)
        return ScannedSource(name, "plugin", location.root, result, steps)
    # The name is the whole path: two projects may share a folder's name, and pruning one must not
    # touch the other.
    name = "claude-home" if location.root == get_home() else escape(location.root)
    targets = _scan_targets(location, result)
    return ScannedSource(name, "claude", location.root, result, targets, location.is_part)


def _scan_listed(plugins: list[ListedPlugin], result: ScanResult) -> Iterator[Plugin]:
    for each in plugins:
        yield scan_plugin(each.name, each.source_path, each.entry, each.own, result)
    omit_undeclared([each.source_path for each in plugins], result)


def _scan_targets(location: Location, result: ScanResult) -> Iterator[Plugin | None]:
    for scan, source_path in location.targets:
        scan_path(scan, source_path, result)
    # What lies beside .claude, such as a CLAUDE.md, is not in it.
    paths = (each.path for found in (result.candidates, result.plugins) for each in found)
    is_empty = not any(
        f"{path}/".startswith(f"{CLAUDE}/")
        for path in chain(paths, (each.path for each in result.problems))
    )
    for scan, source_path in location.beside:
        if is_empty:
            scan_path(scan, source_path, result)
        else:
            result.add_omission("folders beside .claude", source_path)
    yield None
    names: set[str] = set()
    for folder in result.plugins:
        own = read_plugin_manifest(folder, result)
        name = marketplace.name_plugin(folder, own, names, result)
        if name:
            names.add(name)
            yield scan_plugin(name, folder, None, own, result)
    omit_undeclared(result.plugins, result)


def _name_folder(folder: str) -> str:
    name = escape(os.path.basename(folder)).strip(" ")
    return name if is_valid_name(name) else "root"
