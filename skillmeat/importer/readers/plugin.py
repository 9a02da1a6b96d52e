"""The scan of one plugin's folder: its manifest and its artifacts."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH118

import os
from dataclasses import dataclass

from skillmeat.importer.readers import manifest, safe_files
from skillmeat.importer.readers.folder_scan import (
    TYPES,
    ScanResult,
    SourcePath,
    scan_component,
    scan_folder,
)
from skillmeat.importer.readers.manifest import Manifest
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import INVALID_TAG, TAG_RULE, clean_tags, escape

PATH = f"{manifest.FOLDER}/plugin.json"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin's name and description; the scan's result has its artifacts."""

    name: str
    description: str | None


def is_plugin(folder: str) -> bool:
    """Return whether the folder has a plugin's manifest or a folder for artifacts."""
    return any(os.path.lexists(os.path.join(folder, name)) for name in (PATH, *TYPES))


def read_plugin_manifest(source_path: SourcePath, result: ScanResult) -> Manifest:
    """Return the plugin.json at `source_path`, or an empty manifest if there is none.

    A broken manifest is recorded as a problem. If the collection is not known yet, the manifest
    would have named it. Then nothing of the source may be pruned.
    """
    path = source_path.join(PATH)
    try:
        return manifest.read_manifest(path.real, result.root) or {}
    except UnreadableError as error:
        result.add_problem(
            path, error, is_skipped=False, hides_artifacts=source_path.collection_id is None
        )
        return {}


def scan_plugin(
    name: str, source_path: SourcePath, entry: Manifest, own: Manifest, result: ScanResult
) -> Plugin:
    """Scan the plugin `name` at `source_path`.

    Its `entry` in the marketplace takes precedence over its own manifest.
    """
    tags, invalid = clean_tags(manifest.get_tags(entry, own))
    source_path = SourcePath(source_path.real, source_path.path, name, tags)
    if invalid:
        result.add_problem(source_path, INVALID_TAG, invalid, TAG_RULE, is_skipped=False)
    declared = manifest.get_components(entry) or manifest.get_components(own)
    for kind, paths in declared.items():
        for path in paths:
            _scan_declared(kind, path, source_path, result)
    # An entry with `strict: false` is the plugin's whole definition.
    if not (declared and entry.get("strict") is False):
        for kind in TYPES:
            if kind not in declared:
                scan_folder(source_path, kind, result)
    return Plugin(
        name, manifest.get_text(entry, "description") or manifest.get_text(own, "description")
    )


def _scan_declared(kind: str, path: str, source_path: SourcePath, result: ScanResult) -> None:
    try:
        folder = safe_files.join_inside(path, source_path.real)
        component = source_path.join(os.path.relpath(folder, source_path.real).replace(os.sep, "/"))
        if not safe_files.exists(folder):
            result.add_problem(component, f"is declared in {kind}, but missing")
            return
    except UnreadableError as error:
        result.add_problem(
            source_path, f"{kind} {error.reason}", escape(path)[:80], hides_artifacts=True
        )
        return
    scan_component(kind, component, result)
