"""The components that a plugin declares in its marketplace's entry and its plugin.json, merged."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH118, PTH119, PTH120

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from skillmeat.importer.readers import manifest, safe_files
from skillmeat.importer.readers.components import COMPONENTS, Component
from skillmeat.importer.readers.folder_scan import SourcePath
from skillmeat.importer.readers.manifest import Manifest
from skillmeat.importer.readers.safe_files import UnreadableError

_PLUGIN_ROOT = "${CLAUDE_PLUGIN_ROOT}"


@dataclass(frozen=True, slots=True)
class Manifests:
    """The two manifests of a plugin, either of which may be missing."""

    entry: Manifest
    """What the marketplace lists; empty if there is none."""
    own: Manifest | None
    """Its plugin.json."""
    is_definition: bool
    """Whether the entry replaces the plugin.json: it is not strict, and declares components."""
    is_at_root: bool
    """Whether the plugin's folder is the marketplace's own."""


class Declaration(NamedTuple):
    """The declarations of one component, and whether they replace its default path."""

    in_own: object
    in_entry: object
    replaces_default: bool


def declares_any(declared: Manifest) -> bool:
    """Return whether a manifest declares a component that an entry may declare."""
    return any(
        manifest.get_field(declared, component.field) is not None
        for component in COMPONENTS
        if component.is_read_from_entry
    )


def merge_declarations(
    component: Component, manifests: Manifests, plugin: SourcePath
) -> Declaration:
    """Return the paths to scan for a component; a value is None if a manifest does not declare it.

    An entry adds to a plugin.json. Without a plugin.json, it takes its place.
    """
    own = None if manifests.is_definition else manifests.own
    in_own = manifest.get_field(own or {}, component.field)
    in_entry = manifest.get_field(manifests.entry, component.field)
    if own is not None and not component.is_read_from_entry:
        in_entry = None
    declared = in_own if own is not None else in_entry
    replaces_default = (
        manifests.is_definition
        or (declared is not None and not component.keeps_default)
        or (
            manifests.is_at_root
            and component.is_complete_at_root
            and _is_complete(in_entry, component, plugin)
        )
    )
    return Declaration(in_own, in_entry, replaces_default)


def list_items(value: object) -> Iterator[object]:
    """Yield the paths in a declaration as strings, and objects without a path unchanged."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping) and (path := manifest.get_path(item)):
            yield path
        else:
            yield item


def join_declared(path: str, plugin: SourcePath, component: Component) -> SourcePath:
    """Return the path that a manifest declares. Raises `UnreadableError` if it leads outside."""
    path = path.removeprefix(_PLUGIN_ROOT).lstrip("/") if path.startswith(_PLUGIN_ROOT) else path
    real = safe_files.join_inside(path, plugin.real)
    if component.file and os.path.basename(real).lower() == component.file.lower():
        real = os.path.dirname(real)
    if real == plugin.real:
        return plugin
    return plugin.join(os.path.relpath(real, plugin.real).replace(os.sep, "/"))


def _is_complete(value: object, component: Component, plugin: SourcePath) -> bool:
    """Return whether an entry lists some folders, and neither the default nor the plugin's own."""
    whole = plugin.real, os.path.join(plugin.real, component.default)
    is_any_there = False
    for item in list_items(value):
        try:
            real = join_declared(item, plugin, component).real if isinstance(item, str) else ""
        except UnreadableError:
            continue
        if real in whole:
            return False
        is_any_there |= os.path.lexists(real)
    return is_any_there
