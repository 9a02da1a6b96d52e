"""The scan of a marketplace: the plugins that it lists, and unlisted plugins in plugins/."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH112, PTH118

import json
import os
from collections.abc import Iterator

from skillmeat.importer.readers import manifest, safe_files
from skillmeat.importer.readers.folder_scan import NAME_RULE, ScanResult, SourcePath
from skillmeat.importer.readers.manifest import Manifest
from skillmeat.importer.readers.plugin import Plugin, is_plugin, read_plugin_manifest, scan_plugin
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import escape, is_storable, is_valid_name

PATH = f"{manifest.FOLDER}/marketplace.json"
PLUGINS = "plugins"
_REMOTE = "the plugin's source is remote"
_LOCAL = ("local", "directory", "path")


def scan_marketplace(listing: Manifest, result: ScanResult) -> list[Plugin]:
    """Scan every plugin of the marketplace at the result's root."""
    plugins: dict[str, Plugin] = {}
    known: set[str] = set()
    for entry in _list_entries(listing, result):
        name = entry.get("name")
        if not isinstance(name, str) or not is_valid_name(name):
            result.add_problem(
                _manifest_path(),
                "a plugin's name is not valid",
                escape(repr(name))[:80],
                NAME_RULE,
            )
            continue
        if name in plugins:
            result.add_problem(_manifest_path(name), "a plugin is listed twice", name)
            continue
        try:
            source_path = _resolve_source(entry, name, listing, result)
        except UnreadableError as error:
            detail = f"{name}, {error.detail}" if error.detail else name
            result.add_problem(_manifest_path(name), error, detail)
            continue
        known.add(source_path.real)
        own = read_plugin_manifest(source_path, result)
        plugins[name] = scan_plugin(name, source_path, (entry, _manifest_path()), own, result)
    for source_path in _find_unlisted(listing, known, result):
        own = read_plugin_manifest(source_path, result)
        folder = source_path.path.rpartition("/")[2]
        name = manifest.get_text(own or {}, "name") or folder
        if name in plugins or not is_valid_name(name):
            name = folder
        if not is_valid_name(name):
            result.add_problem(
                source_path, "the plugin's name is not valid", advice="rename its folder"
            )
        elif name in plugins:
            result.add_problem(source_path, "another plugin already has the name", name)
        else:
            plugins[name] = scan_plugin(name, source_path, None, own, result)
    return list(plugins.values())


def _manifest_path(name: str | None = None) -> SourcePath:
    return SourcePath("", PATH, name)


def _list_entries(listing: Manifest, result: ScanResult) -> Iterator[Manifest]:
    entries = listing.get("plugins", [])
    if not isinstance(entries, list):
        result.add_problem(_manifest_path(), "its plugins are not a list", hides_artifacts=True)
        return
    for entry in entries:
        if isinstance(entry, dict):
            yield entry
        else:
            result.add_problem(
                _manifest_path(), "a plugin is not an object", escape(repr(entry))[:80]
            )


def _get_plugin_root(listing: Manifest) -> str:
    about = listing.get("metadata")
    return (manifest.get_text(about, "pluginRoot") if isinstance(about, dict) else None) or ""


def _resolve_source(
    entry: Manifest, name: str, listing: Manifest, result: ScanResult
) -> SourcePath:
    """Return the folder that an entry points to.

    Raises `UnreadableError` if the folder is not in this marketplace.
    """
    source = entry.get("source", f"./{PLUGINS}/{name}")
    if isinstance(source, dict) and source.get("source") in _LOCAL:
        source = manifest.get_path({**source, "source": None}) or source
    elif isinstance(source, dict) and str(source.get("source")).startswith("./"):
        source = source["source"]
    if not isinstance(source, str) or "://" in source or source.startswith("git@"):
        raise UnreadableError(_REMOTE, _describe_remote(source), "clone it, then import the clone")
    if not source or not is_storable(source):
        reason = "the plugin's source is not a valid path"
        raise UnreadableError(reason, escape(source)[:80])
    bases = [""]
    if "/" not in source and source.strip("."):
        # Only a bare name starts at pluginRoot.
        bases.insert(0, _get_plugin_root(listing))
    for base in bases:
        folder = safe_files.join_inside(os.path.join(base, source), result.root)
        if safe_files.exists(folder):
            real = safe_files.resolve_inside(folder, *result.boundaries)
            if not os.path.isdir(real):
                break
            path = os.path.relpath(folder, result.root).replace(os.sep, "/")
            return SourcePath(real, "" if path == "." else path, name)
    reason = "the plugin's source is not a folder of this marketplace"
    raise UnreadableError(reason, escape(source)[:80], "correct the source in marketplace.json")


def _describe_remote(source: object) -> str:
    """Return where a plugin is, such as `github acme/tools`."""
    if not isinstance(source, dict):
        return escape(source if isinstance(source, str) else json.dumps(source))[:200]
    keys = ("source", "repo", "url", "package", "command", "path")
    parts = [source[key] for key in keys if isinstance(source.get(key), str)]
    return escape(" ".join(parts) or json.dumps(source))[:200]


def _find_unlisted(listing: Manifest, known: set[str], result: ScanResult) -> Iterator[SourcePath]:
    """Find plugins in the plugins' folders that the marketplace does not list."""
    parents = {PLUGINS}
    try:
        # If pluginRoot is the whole marketplace, any of its folders could look like a plugin.
        parent = safe_files.join_inside(_get_plugin_root(listing), result.root)
        if parent != result.root:
            parents.add(os.path.relpath(parent, result.root).replace(os.sep, "/"))
    except UnreadableError as error:
        result.add_problem(_manifest_path(), f"pluginRoot {error.reason}", error.detail)
    for path in sorted(parents):
        source_path = SourcePath(os.path.join(result.root, path), path)
        try:
            if not safe_files.exists(source_path.real):
                continue
            entries = safe_files.list_entries(
                safe_files.resolve_inside(source_path.real, *result.boundaries)
            )
        except UnreadableError as error:
            result.add_problem(source_path, error, hides_artifacts=True)
            continue
        for entry in entries:
            name = entry.name if is_valid_name(entry.name) else None
            try:
                real = safe_files.resolve_inside(entry.path, *result.boundaries)
            except UnreadableError as error:
                here = source_path.join(entry.name)
                result.add_problem(SourcePath("", here.path, name), error, hides_artifacts=True)
                continue
            hidden = entry.name.startswith(".")
            if not hidden and real not in known and os.path.isdir(real) and is_plugin(real):
                known.add(real)
                yield source_path.join(entry.name, real)
