"""One plugin's folder: what it says about itself, and the artifacts in it."""
# Strings, not Paths: there may be 100,000 of them.
# ruff: noqa: PTH118

import os
from dataclasses import dataclass

from skillmeat.importer.readers import manifest, safe_files
from skillmeat.importer.readers.folder_scan import (
    TYPES,
    Findings,
    Place,
    look_into,
    look_into_component,
)
from skillmeat.importer.readers.manifest import Manifest
from skillmeat.importer.readers.model import Flaw
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.tags import clean_tags
from skillmeat.importer.readers.text import shown

PATH = f"{manifest.FOLDER}/plugin.json"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin's name and description; its artifacts are among the findings."""

    name: str
    description: str | None


def is_plugin(folder: str) -> bool:
    """Whether the folder looks like a plugin: a manifest, or a place for artifacts."""
    return any(os.path.lexists(os.path.join(folder, name)) for name in (PATH, *TYPES))


def own_manifest(place: Place, findings: Findings) -> Manifest:
    """The plugin.json in `place`, empty where there is none; a broken one is a flaw.

    Where `place` belongs to no collection yet the manifest would have named it, so nothing may be
    taken for removed.
    """
    path = place.below(PATH)
    try:
        return manifest.read(path.folder, findings.root) or {}
    except UnreadableError as error:
        findings.flaws.append(
            Flaw(
                shown(path.path),
                str(error),
                collection_id=place.collection_id,
                skipped=False,
                unseen=place.collection_id is None,
            )
        )
        return {}


def look_into_plugin(
    name: str, place: Place, listed: Manifest, own: Manifest, findings: Findings
) -> Plugin:
    """Finds the artifacts of the plugin `name` in `place`.

    What the marketplace says in `listed` wins over what the plugin says of itself in `own`.
    """
    tags, reason = clean_tags(manifest.tags(listed, own))
    if reason:
        findings.flaws.append(
            Flaw(shown(place.path or "."), reason, collection_id=name, skipped=False)
        )
    place = Place(place.folder, place.path, name, tags)
    declared = manifest.components(listed) or manifest.components(own)
    for kind, paths in declared.items():
        for path in paths:
            _look_into_declared(kind, path, place, findings)
    # An entry that is not strict is the plugin's whole definition.
    if not (declared and listed.get("strict") is False):
        for kind in TYPES:
            if kind not in declared:
                look_into(place, kind, findings)
    return Plugin(name, manifest.text(listed, "description") or manifest.text(own, "description"))


def _look_into_declared(kind: str, path: str, place: Place, findings: Findings) -> None:
    try:
        folder = safe_files.lexically_inside(path, place.folder)
        component = place.below(os.path.relpath(folder, place.folder).replace(os.sep, "/"))
        if not safe_files.exists(folder):
            findings.refuse(component, f"is declared in {kind}, but missing")
            return
    except UnreadableError as error:
        findings.refuse(place, f"{kind} {shown(path)[:80]} {error}", unseen=True)
        return
    look_into_component(kind, component, findings)
