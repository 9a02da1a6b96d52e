"""The scan of one plugin's folder: its manifest, its components and its artifacts."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH118

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from skillmeat.importer.readers import manifest, safe_files
from skillmeat.importer.readers.components import COMPONENTS, Component, scan_path
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.manifest import Manifest
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import INVALID_TAG, TAG_RULE, clean_tags, escape

PATH = f"{manifest.FOLDER}/plugin.json"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin's name and description; the scan's result has its artifacts."""

    name: str
    description: str | None


class _Declaration(NamedTuple):
    """A value that a manifest declares for a component."""

    value: object
    manifest: SourcePath


def is_plugin(folder: str) -> bool:
    """Return whether the folder has a plugin's manifest or a component."""
    paths = (PATH, *(component.default for component in COMPONENTS))
    return any(os.path.lexists(os.path.join(folder, path)) for path in paths)


def read_plugin_manifest(source_path: SourcePath, result: ScanResult) -> Manifest | None:
    """Return the plugin.json at `source_path`, or None if there is no usable one.

    A broken manifest is recorded as a problem. If the collection is not known yet, the manifest
    would have named it. Then nothing of the source may be pruned.
    """
    path = source_path.join(PATH)
    try:
        return manifest.read_manifest(path.real, result.root)
    except UnreadableError as error:
        result.add_problem(
            path, error, is_skipped=False, hides_artifacts=source_path.collection_id is None
        )
        return None


def scan_plugin(
    name: str,
    source_path: SourcePath,
    entry: tuple[Manifest, SourcePath] | None,
    own: Manifest | None,
    result: ScanResult,
) -> Plugin:
    """Scan the plugin `name` at `source_path`.

    `entry` is its entry in the marketplace and the path of the marketplace.json. The entry's
    description and tags take precedence over those of the plugin's own manifest.
    """
    listed = entry[0] if entry else {}
    manifests = (listed, own or {})
    tags, invalid = clean_tags(manifest.get_tags(*manifests))
    source_path = SourcePath(source_path.real, source_path.path, name, tags)
    if invalid:
        result.add_problem(source_path, INVALID_TAG, invalid, TAG_RULE, is_skipped=False)
    entry_path = SourcePath("", entry[1].path, name, tags) if entry else source_path
    is_definition = listed.get("strict") is False and any(
        _declares(listed, component) for component in COMPONENTS if component.is_read_from_entry
    )
    for component in COMPONENTS:
        declarations: list[_Declaration] = []
        replaces_default = is_definition
        if own is not None and not is_definition and _declares(own, component):
            value = manifest.get_field(own, component.field)
            declarations.append(_Declaration(value, source_path.join(PATH)))
            replaces_default = not component.keeps_default
        if _declares(listed, component) and (own is None or component.is_read_from_entry):
            value = manifest.get_field(listed, component.field)
            declarations.append(_Declaration(value, entry_path))
            # The entry adds to what the plugin itself declares.
            if own is None:
                replaces_default |= not component.keeps_default
        for declaration in declarations:
            _scan_declaration(component, declaration, source_path, result)
        if not replaces_default:
            scan_path(component.scan, source_path.join(component.default), result)
    descriptions = (manifest.get_text(each, "description") for each in manifests)
    return Plugin(name, next(filter(None, descriptions), None))


def _declares(declared: Manifest, component: Component) -> bool:
    return manifest.get_field(declared, component.field) is not None


def _scan_declaration(
    component: Component, declaration: _Declaration, plugin: SourcePath, result: ScanResult
) -> None:
    for item in _list_items(declaration.value):
        if isinstance(item, str):
            _scan_declared(component, item, plugin, result)
        elif isinstance(item, dict) and component.scan_inline:
            component.scan_inline(item, plugin, declaration.manifest, result)


def _list_items(value: object) -> Iterator[object]:
    if isinstance(value, list):
        yield from value
    else:
        yield value


def _scan_declared(component: Component, path: str, plugin: SourcePath, result: ScanResult) -> None:
    field = component.field
    try:
        folder = safe_files.join_inside(path, plugin.real)
        declared = plugin.join(os.path.relpath(folder, plugin.real).replace(os.sep, "/"))
        if not safe_files.exists(folder):
            result.add_problem(declared, f"is declared in {field}, but missing")
            return
    except UnreadableError as error:
        result.add_problem(
            plugin, f"{field} {error.reason}", escape(path)[:80], hides_artifacts=True
        )
        return
    scan_path(component.scan, declared, result)
