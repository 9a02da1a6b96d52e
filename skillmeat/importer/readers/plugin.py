"""One plugin's folder: what it says about itself, and the artifacts in it."""
# Strings, not Paths: there may be 100,000 of them.
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
from skillmeat.importer.readers.model import Problem
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.tags import clean_tags
from skillmeat.importer.readers.text import escape

PATH = f"{manifest.FOLDER}/plugin.json"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin's name and description; its artifacts are among the findings."""

    name: str
    description: str | None


def is_plugin(folder: str) -> bool:
    """Whether the folder looks like a plugin: a manifest, or a place for artifacts."""
    return any(os.path.lexists(os.path.join(folder, name)) for name in (PATH, *TYPES))


def read_plugin_manifest(place: SourcePath, result: ScanResult) -> Manifest:
    """The plugin.json in `place`, empty where there is none; a broken one is a flaw.

    Where `place` belongs to no collection yet the manifest would have named it, so nothing may be
    taken for removed.
    """
    path = place.join(PATH)
    try:
        return manifest.read_manifest(path.folder, result.root) or {}
    except UnreadableError as error:
        result.problems.append(
            Problem(
                escape(path.path),
                str(error),
                collection_id=place.collection_id,
                is_skipped=False,
                hides_artifacts=place.collection_id is None,
            )
        )
        return {}


def scan_plugin(
    name: str, place: SourcePath, listed: Manifest, own: Manifest, result: ScanResult
) -> Plugin:
    """Finds the artifacts of the plugin `name` in `place`.

    What the marketplace says in `listed` wins over what the plugin says of itself in `own`.
    """
    tags, reason = clean_tags(manifest.get_tags(listed, own))
    if reason:
        result.problems.append(
            Problem(escape(place.path or "."), reason, collection_id=name, is_skipped=False)
        )
    place = SourcePath(place.folder, place.path, name, tags)
    declared = manifest.get_components(listed) or manifest.get_components(own)
    for kind, paths in declared.items():
        for path in paths:
            _scan_declared(kind, path, place, result)
    # An entry that is not strict is the plugin's whole definition.
    if not (declared and listed.get("strict") is False):
        for kind in TYPES:
            if kind not in declared:
                scan_folder(place, kind, result)
    return Plugin(
        name, manifest.get_text(listed, "description") or manifest.get_text(own, "description")
    )


def _scan_declared(kind: str, path: str, place: SourcePath, result: ScanResult) -> None:
    try:
        folder = safe_files.join_inside(path, place.folder)
        component = place.join(os.path.relpath(folder, place.folder).replace(os.sep, "/"))
        if not safe_files.exists(folder):
            result.add_problem(component, f"is declared in {kind}, but missing")
            return
    except UnreadableError as error:
        result.add_problem(place, f"{kind} {escape(path)[:80]} {error}", hides_artifacts=True)
        return
    scan_component(kind, component, result)
