"""The scan of one plugin's folder: its manifest, its components and its artifacts."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH112, PTH118

import os
from collections.abc import Mapping
from dataclasses import dataclass

from skillmeat.importer.readers import manifest, safe_files
from skillmeat.importer.readers.components import (
    COMPONENTS,
    OMITTED_COMPONENTS,
    Component,
    scan_path,
)
from skillmeat.importer.readers.declarations import (
    Declaration,
    Manifests,
    declares_any,
    join_declared,
    list_items,
    merge_declarations,
)
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.json_file import name_type
from skillmeat.importer.readers.manifest import Manifest
from skillmeat.importer.readers.omissions import BESIDE
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.skill_scan import SKILL
from skillmeat.importer.readers.text import (
    INVALID_TAG,
    TAG_RULE,
    clean_tags,
    escape,
    is_storable,
    is_valid_name,
)

PATH = f"{manifest.FOLDER}/plugin.json"
_CONFLICT = (
    "an entry that is not strict declares components, and the plugin has a plugin.json: Claude Code"
    " does not load the plugin, and the import takes the entry's"
)
_RESOLVE_CONFLICT = "declare components in one of the two, or remove strict"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin's name and description; the scan's result has its artifacts."""

    name: str
    description: str | None


def is_plugin(folder: str) -> bool:
    """Return whether the folder has a plugin's manifest, a component, or is one skill."""
    paths = (PATH, SKILL, *(component.default for component in COMPONENTS))
    return any(os.path.lexists(os.path.join(folder, path)) for path in paths)


def read_plugin_manifest(source_path: SourcePath, result: ScanResult) -> Manifest | None:
    """Return the plugin.json at `source_path`, or None if there is no usable one.

    A broken manifest is recorded as a problem, and hides the components that it declares. If the
    collection is not known yet, the manifest would have named it, and it hides the whole source.
    """
    path = source_path.join(PATH)
    try:
        return manifest.read_manifest(path, result)
    except UnreadableError as error:
        result.add_problem(path, error, is_skipped=False, hides_artifacts=True)
        return None


def get_declared_name(declared: Manifest | None) -> str | None:
    """Return the name that a manifest declares, or None if it has no usable name."""
    name = manifest.get_text(declared or {}, "name")
    return name if name and is_valid_name(name) else None


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
    # A file may belong to several plugins, but only once to each.
    result.files.clear()
    result.scanned.clear()
    listed = entry[0] if entry else {}
    both = (listed, own or {})
    tags, invalid = clean_tags(manifest.get_tags(*both))
    plugin = SourcePath(source_path.real, source_path.path, name, tags)
    if invalid:
        result.add_problem(plugin, INVALID_TAG, invalid, TAG_RULE, is_skipped=False)
    own_path = plugin.join(PATH)
    entry_path = SourcePath("", entry[1].path, name, tags) if entry else own_path
    for declared, path in zip(both, (entry_path, own_path), strict=True):
        _check_fields(declared, path, result)
    # Claude Code takes the version of the plugin's own manifest first.
    version = manifest.get_text(own or {}, "version") or manifest.get_text(listed, "version")
    if version:
        result.versions[name] = version
    is_definition = listed.get("strict") is False and own is not None and declares_any(listed)
    if is_definition:
        result.add_problem(plugin, _CONFLICT, advice=_RESOLVE_CONFLICT, is_skipped=False)
    manifests = Manifests(
        listed, own, is_definition=is_definition, is_at_root=plugin.real == result.root
    )
    for component in (*COMPONENTS, *OMITTED_COMPONENTS):
        declaration = merge_declarations(component, manifests, plugin)
        if component.is_overridden:
            _scan_default(component, declaration, plugin, result)
        _scan_declared(component, declaration.in_own, plugin, own_path, result)
        _scan_declared(component, declaration.in_entry, plugin, entry_path, result)
        _check_entry(component, declaration, listed, entry_path, result)
        if not component.is_overridden:
            _scan_default(component, declaration, plugin, result)
    _omit_misplaced(plugin, result)
    descriptions = (manifest.get_text(each, "description") for each in both)
    return Plugin(name, next(filter(None, descriptions), None))


def _check_fields(declared: Manifest, path: SourcePath, result: ScanResult) -> None:
    """Add a problem for each field of a manifest that has the wrong type, except components."""
    for field, kind in manifest.find_unusable_fields(declared):
        reason = f"a value of {field} is not a text that can be stored"
        result.add_problem(path, reason, f"it is {kind}", "write a text", is_skipped=False)
    experimental = declared.get("experimental")
    if not isinstance(experimental, Mapping | None):
        result.add_problem(
            path,
            "its experimental is not an object",
            f"it is {name_type(experimental)}",
            "write an object with themes or monitors",
            hides_artifacts=True,
        )


def _check_entry(
    component: Component,
    declaration: Declaration,
    entry: Manifest,
    entry_path: SourcePath,
    result: ScanResult,
) -> None:
    """Add a problem if Claude Code does not read this component where the entry declares it."""
    if component.field == "hooks" and not isinstance(declaration.in_entry, Mapping | None):
        result.add_problem(
            entry_path,
            "Claude Code does not read hooks in an entry that are not an object",
            advice="write an object there, or the hooks/hooks.json of the plugin",
            is_skipped=False,
        )
    if declaration.in_entry is None and manifest.get_field(entry, component.field):
        result.add_problem(
            entry_path,
            f"{component.field} in the entry of a plugin that has a plugin.json are not read",
            advice="move them to the plugin.json, as Claude Code needs it",
        )


def _scan_default(
    component: Component, declaration: Declaration, plugin: SourcePath, result: ScanResult
) -> None:
    if not component.default:
        return
    default = plugin.join(component.default)
    if declaration.replaces_default:
        if os.path.lexists(default.real):
            _add_replaced(component, default, result)
        return
    is_declared = (declaration.in_own, declaration.in_entry) != (None, None)
    scan, path = component.scan, default
    if (
        component.scan_root
        and component.file
        and not is_declared
        and not os.path.lexists(default.real)
        and _has_file(plugin.real, component.file)
    ):
        # A plugin without skills/ is one skill itself.
        scan, path = component.scan_root, plugin
    elif component.omit_root and not is_declared:
        scan_path(component.omit_root, plugin, result)
    if (component.field, path.real) not in result.scanned:
        result.scanned.add((component.field, path.real))
        scan_path(scan, path, result)
    result.read_folders.add((component.field, path.real))


def _omit_misplaced(plugin: SourcePath, result: ScanResult) -> None:
    """Count the components beside the manifest, which has to be alone in its folder."""
    for component in COMPONENTS:
        path = plugin.join(f"{manifest.FOLDER}/{component.default}")
        if os.path.lexists(path.real) and (component.field, path.real) not in result.scanned:
            result.add_omission("components in .claude-plugin, which Claude Code ignores", path)


def _add_replaced(component: Component, default: SourcePath, result: ScanResult) -> None:
    """Count a default path that no plugin reads; of one that is read in part, keep what is read."""
    key = component.field, default.real
    if key in result.scanned:
        # The manifest declares the default itself.
        result.read_folders.add(key)
        return
    prefix = f"{default.path}/"
    read = {each.file for each in result.candidates if f"{each.path}/".startswith(prefix)}
    if read:
        result.partly_read.setdefault(key, (default, set()))[1].update(read)
    else:
        kind = "folders" if os.path.isdir(default.real) else "files"
        result.add_omission(f"{kind} that a manifest replaces", default)


def _has_file(folder: str, name: str) -> bool:
    try:
        entries = safe_files.list_entries(folder)
    except UnreadableError:
        return False
    return any(entry.name.lower() == name.lower() for entry in entries)


def _scan_declared(
    component: Component,
    value: object,
    plugin: SourcePath,
    manifest_path: SourcePath,
    result: ScanResult,
) -> None:
    if value is None:
        return
    for item in list_items(value):
        if isinstance(item, str) and "://" in item and component.field == "mcpServers":
            # Only a bundle of servers may be remote.
            result.add_omission("remote MCP bundles", manifest_path)
        elif isinstance(item, str) and item and is_storable(item):
            _scan_path(component, item, plugin, result)
        elif isinstance(item, Mapping) and component.scan_inline:
            component.scan_inline(item, plugin, manifest_path, result)
        elif isinstance(item, Mapping) and all(isinstance(each, str) for each in item.values()):
            for path in item.values():
                _scan_declared(component, path, plugin, manifest_path, result)
        else:
            result.add_problem(
                manifest_path,
                f"its {component.field} is not a path",
                "it is empty" if item == "" else f"it is {name_type(item)}",
                f'write "./{component.default}"',
                hides_artifacts=True,
            )


def _scan_path(component: Component, path: str, plugin: SourcePath, result: ScanResult) -> None:
    field = component.field
    detail = escape(path)[:80]
    try:
        declared = join_declared(path, plugin, component)
        if not safe_files.exists(declared.real):
            result.add_problem(
                declared, f"is declared in {field}, but missing", advice="correct the path"
            )
            return
    except UnreadableError as error:
        advice = "name a path in the plugin"
        result.add_problem(plugin, f"{field} {error.reason}", detail, advice, hides_artifacts=True)
        return
    if (field, declared.real) in result.scanned:
        return
    result.scanned.add((field, declared.real))
    if component.default.endswith(".json") and os.path.isdir(declared.real):
        reason = f"is declared in {field}, but is a folder"
        advice = f'name a file in it, such as "./{component.default}"'
        result.add_problem(declared, reason, advice=advice, hides_artifacts=True)
        return
    found, omitted = (len(result.candidates), len(result.problems)), len(result.omissions)
    scan = component.scan_root if component.scan_root and declared is plugin else component.scan
    scan_path(scan, declared, result)
    is_empty = found == (len(result.candidates), len(result.problems)) and all(
        omission.kind.startswith(BESIDE) for omission in result.omissions[omitted:]
    )
    if is_empty and not _is_found_already(declared, result):
        reason = f"is declared in {field}, but holds none"
        result.add_problem(declared, reason, advice="correct the path", is_skipped=False)


def _is_found_already(declared: SourcePath, result: ScanResult) -> bool:
    prefix = f"{declared.path}/" if declared.path else ""
    return any(f"{path}/".startswith(prefix) for path in result.files.values())
