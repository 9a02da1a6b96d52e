"""The plugins of a marketplace: those that it lists, and those in plugins/ that it does not."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH112, PTH118

import os
import re
from collections.abc import Container, Iterator
from typing import NamedTuple

from skillmeat.errors import SourceError
from skillmeat.importer.readers import manifest, safe_files
from skillmeat.importer.readers.folder_scan import NAME_RULE, ScanResult, SourcePath
from skillmeat.importer.readers.json_file import name_type
from skillmeat.importer.readers.manifest import Manifest
from skillmeat.importer.readers.model import Problem, format_message
from skillmeat.importer.readers.plugin import get_declared_name, is_plugin, read_plugin_manifest
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import escape, is_storable, is_valid_name

PATH = f"{manifest.FOLDER}/marketplace.json"
PLUGINS = "plugins"
_REMOTE = "the plugin's source is remote"
_NO_FOLDER = "the plugin's source is not a folder of this marketplace"
_CORRECT_SOURCE = "correct the source in marketplace.json"
_CLONE = "clone it, then import the clone"
_UNLISTED = "the marketplace does not list the plugin, so only this import reads it"
_LIST_IT = "list it in marketplace.json"
_LOCAL = ("local", "directory", "path")
# A URL may hold user:password@, and a token in its query.
_SECRET = re.compile(r"(?<=//)[^/@]*@|\?.*", re.DOTALL)


class ListedPlugin(NamedTuple):
    """A plugin whose folder and name are known, and which is not scanned yet."""

    name: str
    source_path: SourcePath
    entry: tuple[Manifest, SourcePath] | None
    """What the marketplace lists, and the path of its marketplace.json."""
    own: Manifest | None


class _ElsewhereError(UnreadableError):
    """A plugin that this marketplace does not hold, so that an import may prune it."""


def read_listing(result: ScanResult) -> Manifest:
    """Return the marketplace.json, empty if there is none. Raises `SourceError` if it is broken.

    Without the listing, the name and the plugins of the source are unknown, so the reader stops.
    """
    path = os.path.join(result.root, PATH)
    try:
        return manifest.read_manifest(SourcePath(path, PATH), result) or {}
    except UnreadableError as error:
        message = f"{escape(path)} {format_message(error.reason, error.detail, None)}: correct it"
        raise SourceError(message) from None


def name_source(listing: Manifest, folder_name: str, result: ScanResult) -> str:
    """Return the name that the listing declares, else the folder's."""
    name = get_declared_name(listing)
    if listing and name is None:
        detail = f"the source is called {folder_name}, after its folder"
        result.add_problem(
            _manifest_path(), "declares no usable name", detail, "write one", is_skipped=False
        )
    return name or folder_name


def list_plugins(listing: Manifest, result: ScanResult) -> list[ListedPlugin]:
    """Return the plugins of the marketplace at the result's root, each name once."""
    plugins: dict[str, ListedPlugin] = {}
    known: set[str] = set()
    for entry in _list_entries(listing, result):
        name = entry.get("name")
        if not isinstance(name, str) or not is_valid_name(name):
            value = escape(name)[:80] or "it is empty" if isinstance(name, str) else name_type(name)
            reason = "a plugin's name is not valid"
            result.add_problem(_manifest_path(), reason, value, NAME_RULE, hides_artifacts=True)
            continue
        if name in plugins:
            result.add_problem(
                _manifest_path(name), "a plugin is listed twice", advice="remove one of the entries"
            )
            continue
        source_path = _manifest_path(name)
        try:
            source_path = _find_source(entry, name, listing, result)
            known.add(source_path.real)
            source_path = _resolve_source(source_path, result)
        except _ElsewhereError as error:
            result.add_problem(_manifest_path(name), error)
            continue
        except UnreadableError as error:
            result.add_problem(source_path, error, hides_artifacts=True)
            continue
        known.add(source_path.real)
        if safe_files.is_empty(source_path.real):
            result.add_problem(
                source_path,
                safe_files.IS_EMPTY,
                advice=safe_files.ADVICE[safe_files.IS_EMPTY],
                is_skipped=False,
                hides_artifacts=True,
            )
        own = read_plugin_manifest(source_path, result)
        plugins[name] = ListedPlugin(name, source_path, (entry, _manifest_path()), own)
    is_listing = bool(plugins)
    for source_path in _find_unlisted(listing, known, result):
        own = read_plugin_manifest(source_path, result)
        found = name_plugin(source_path, own, plugins, result)
        if found:
            plugins[found] = ListedPlugin(found, source_path, None, own)
            if is_listing:
                plugin = SourcePath(source_path.real, source_path.path, found)
                result.add_problem(plugin, _UNLISTED, advice=_LIST_IT, is_skipped=False)
    return list(plugins.values())


def add_empty_problem(listing: Manifest, result: ScanResult) -> None:
    """Add the problem that the marketplace lists no plugin."""
    reason = "its list `plugins` is empty" if "plugins" in listing else "it has no list `plugins`"
    advice = "list the plugins, or remove the file"
    result.add_problem(_manifest_path(), "lists no plugin", reason, advice, is_skipped=False)


def is_remote(problem: Problem, name: str) -> bool:
    """Return whether a problem is that the plugin of this name is not in the marketplace."""
    return (problem.reason, problem.collection_id) == (_REMOTE, name)


def name_plugin(
    source_path: SourcePath, own: Manifest | None, taken: Container[str], result: ScanResult
) -> str | None:
    """Return the name of a plugin that no marketplace lists: its own, else its folder's.

    Add the problem and return None if both are taken or not valid.
    """
    name = get_declared_name(own)
    if name is None or name in taken:
        name = source_path.name
    if not is_valid_name(name) or not is_storable(source_path.path):
        reason = "the plugin's name is not valid"
        result.add_problem(source_path, reason, advice="rename its folder")
        return None
    if name in taken:
        reason = "another plugin already has the name"
        result.add_problem(source_path, reason, name, "rename one of them")
        return None
    return name


def _manifest_path(name: str | None = None) -> SourcePath:
    return SourcePath("", PATH, name)


def _list_entries(listing: Manifest, result: ScanResult) -> Iterator[Manifest]:
    entries = listing.get("plugins", [])
    if not isinstance(entries, list):
        reason = "its plugins are not a list"
        result.add_problem(
            _manifest_path(), reason, advice="write a list of objects", hides_artifacts=True
        )
        return
    for number, entry in enumerate(entries, 1):
        if isinstance(entry, dict):
            yield entry
        else:
            detail = f"entry {number} is {name_type(entry)}"
            reason = "a plugin is not an object"
            result.add_problem(
                _manifest_path(),
                reason,
                detail,
                "write an object with a name",
                hides_artifacts=True,
            )


def _get_plugin_root(listing: Manifest) -> str:
    about = listing.get("metadata")
    return (manifest.get_text(about, "pluginRoot") if isinstance(about, dict) else None) or ""


def _find_source(entry: Manifest, name: str, listing: Manifest, result: ScanResult) -> SourcePath:
    """Return the path that an entry points to, with its links unresolved.

    Raises `_ElsewhereError` if there is none in this marketplace, and `UnreadableError`.
    """
    source = _get_source(entry, name)
    bases = [""]
    if "/" not in source and source.strip("."):
        # Only a bare name starts at pluginRoot.
        bases.insert(0, _get_plugin_root(listing))
    for base in bases:
        folder = safe_files.join_inside(os.path.join(base, source), result.root)
        if safe_files.exists(folder):
            path = os.path.relpath(folder, result.root).replace(os.sep, "/")
            return SourcePath(folder, "" if path == "." else path, name)
    raise _ElsewhereError(_NO_FOLDER, escape(source)[:80], _CORRECT_SOURCE)


def _resolve_source(found: SourcePath, result: ScanResult) -> SourcePath:
    """Return the folder of a plugin. Raises `_ElsewhereError`, and `UnreadableError`."""
    real = safe_files.resolve_inside(found.real, *result.boundaries)
    if not os.path.isdir(real):
        raise _ElsewhereError(_NO_FOLDER, escape(found.path)[:80], _CORRECT_SOURCE)
    return SourcePath(real, found.path, found.collection_id)


def _get_source(entry: Manifest, name: str) -> str:
    """Return the path that an entry points to.

    Raises `_ElsewhereError` if it is remote, and `UnreadableError` if it is no path.
    """
    source = entry.get("source", f"./{PLUGINS}/{name}")
    if isinstance(source, dict):
        kind = source.get("source")
        if kind in _LOCAL:
            source = manifest.get_path({**source, "source": None})
        elif isinstance(kind, str) and not kind.startswith("."):
            raise _ElsewhereError(_REMOTE, _describe_remote(source), _CLONE)
        else:
            source = kind
    if not isinstance(source, str) or not source or not is_storable(source):
        detail = escape(source)[:80] if isinstance(source, str) else f"it is {name_type(source)}"
        reason = "the plugin's source is not a path"
        raise UnreadableError(reason, detail, 'write "./<folder>"')
    if "://" in source or source.startswith("git@"):
        raise _ElsewhereError(_REMOTE, _describe_remote({"url": source}), _CLONE)
    return source


def _describe_remote(source: Manifest) -> str:
    """Return where a plugin is, such as `github acme/tools`, without a password or a token."""
    keys = ("source", "repo", "url", "package", "path")
    parts = [part for key in keys if isinstance(part := source.get(key), str)]
    return escape(" ".join(_SECRET.sub("", part) for part in parts))[:200]


def _find_unlisted(listing: Manifest, known: set[str], result: ScanResult) -> Iterator[SourcePath]:
    """Find plugins in the plugins' folders that the marketplace does not list."""
    parents = {PLUGINS}
    try:
        # If pluginRoot is the whole marketplace, any of its folders could look like a plugin.
        parent = safe_files.join_inside(_get_plugin_root(listing), result.root)
        if parent != result.root:
            parents.add(os.path.relpath(parent, result.root).replace(os.sep, "/"))
    except UnreadableError as error:
        reason = f"pluginRoot {error.reason}"
        result.add_problem(
            _manifest_path(), reason, error.detail, error.advice, hides_artifacts=True
        )
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
            if entry.path in known:
                continue
            name = entry.name if is_valid_name(entry.name) else None
            try:
                real = safe_files.resolve_inside(entry.path, *result.boundaries)
            except UnreadableError as error:
                here = source_path.join(entry.name)
                result.add_problem(
                    SourcePath(here.real, here.path, name), error, hides_artifacts=True
                )
                continue
            hidden = entry.name.startswith(".")
            if not hidden and real not in known and os.path.isdir(real) and is_plugin(real):
                known.add(real)
                yield source_path.join(entry.name, real)
