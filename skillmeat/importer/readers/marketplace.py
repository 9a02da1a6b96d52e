"""Which plugins a marketplace has: those it lists, and those that lie in plugins/ unlisted."""
# Strings, not Paths: there may be 100,000 of them.
# ruff: noqa: PTH112, PTH118

import os
from collections.abc import Iterator

from skillmeat.importer.readers import manifest, safe_files
from skillmeat.importer.readers.folder_scan import Findings, Place
from skillmeat.importer.readers.manifest import Manifest
from skillmeat.importer.readers.plugin import Plugin, is_plugin, look_into_plugin, own_manifest
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import is_name, is_storable, shown

PATH = f"{manifest.FOLDER}/marketplace.json"
PLUGINS = "plugins"


def look_into_marketplace(listing: Manifest, findings: Findings) -> list[Plugin]:
    """Finds every plugin of the marketplace at the findings' root, and its artifacts."""
    plugins: dict[str, Plugin] = {}
    known: set[str] = set()
    for entry in _entries(listing, findings):
        name = entry.get("name")
        if not isinstance(name, str) or not is_name(name):
            findings.refuse(_here(), f"a plugin's name will not do: {shown(repr(name))[:80]}")
            continue
        if name in plugins:
            findings.refuse(_here(name), f"plugin {name} is listed twice")
            continue
        try:
            place = _source_of(entry, name, listing, findings.root)
        except UnreadableError as error:
            findings.refuse(_here(name), f"plugin {name}: {error}")
            continue
        known.add(place.folder)
        own = own_manifest(place, findings)
        plugins[name] = look_into_plugin(name, place, entry, own, findings)
    for place in _unlisted(listing, known, findings):
        own = own_manifest(place, findings)
        folder = place.path.rpartition("/")[2]
        name = manifest.text(own, "name") or folder
        if name in plugins or not is_name(name):
            name = folder
        if not is_name(name):
            findings.refuse(place, "a plugin's name will not do: rename its folder")
        elif name in plugins:
            findings.refuse(place, f"another plugin is named {name} already")
        else:
            plugins[name] = look_into_plugin(name, place, {}, own, findings)
    return list(plugins.values())


def _here(name: str | None = None) -> Place:
    return Place("", PATH, name)


def _entries(listing: Manifest, findings: Findings) -> Iterator[Manifest]:
    entries = listing.get("plugins", [])
    if not isinstance(entries, list):
        findings.refuse(_here(), "its plugins are not a list", unseen=True)
        return
    for entry in entries:
        if isinstance(entry, dict):
            yield entry
        else:
            findings.refuse(_here(), f"a plugin is not an object: {shown(repr(entry))[:80]}")


def _plugin_root(listing: Manifest) -> str:
    about = listing.get("metadata")
    return (manifest.text(about, "pluginRoot") if isinstance(about, dict) else None) or ""


def _source_of(entry: Manifest, name: str, listing: Manifest, root: str) -> Place:
    """The folder that an entry points to; raises `UnreadableError` where it is not here."""
    source = entry.get("source", f"./{PLUGINS}/{name}")
    if not isinstance(source, str) or "://" in source:
        message = "its source is remote; only folders of this marketplace are read"
        raise UnreadableError(message)
    if not is_storable(source):
        message = "its source is no path"
        raise UnreadableError(message)
    bases = ["", _plugin_root(listing)]
    if not source.startswith("./"):
        bases.reverse()
    for base in bases:
        folder = safe_files.lexically_inside(os.path.join(base, source), root)
        if safe_files.exists(folder):
            real = safe_files.inside(folder, root)
            if not os.path.isdir(real):
                break
            path = os.path.relpath(folder, root).replace(os.sep, "/")
            return Place(real, "" if path == "." else path, name)
    message = f"its source {shown(source)[:80]} is no folder of this marketplace"
    raise UnreadableError(message)


def _unlisted(listing: Manifest, known: set[str], findings: Findings) -> Iterator[Place]:
    """Plugins that lie where plugins lie, but that the marketplace does not list."""
    parents = {PLUGINS}
    try:
        # Were the whole marketplace the plugins' root, any folder could be taken for a plugin.
        parent = safe_files.lexically_inside(_plugin_root(listing), findings.root)
        if parent != findings.root:
            parents.add(os.path.relpath(parent, findings.root).replace(os.sep, "/"))
    except UnreadableError as error:
        findings.refuse(_here(), f"pluginRoot {error}")
    for path in sorted(parents):
        place = Place(os.path.join(findings.root, path), path)
        try:
            if not safe_files.exists(place.folder):
                continue
            entries = safe_files.entries(safe_files.inside(place.folder, findings.root))
        except UnreadableError as error:
            findings.refuse(place, error, unseen=True)
            continue
        for entry in entries:
            name = entry.name if is_name(entry.name) else None
            try:
                real = safe_files.inside(entry.path, findings.root)
            except UnreadableError as error:
                here = place.below(entry.name)
                findings.refuse(Place("", here.path, name), error, unseen=True)
                continue
            hidden = entry.name.startswith(".")
            if not hidden and real not in known and os.path.isdir(real) and is_plugin(real):
                known.add(real)
                yield place.below(entry.name, real)
