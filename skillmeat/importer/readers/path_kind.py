"""The kind of a folder or file that no manifest and no .claude describes, by its path or text."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH112, PTH114, PTH118, PTH119, PTH120

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial

from skillmeat.errors import SourceError
from skillmeat.importer.readers import manifest, safe_files
from skillmeat.importer.readers.components import COMPONENTS, PLACES, Place, Scan
from skillmeat.importer.readers.document_kind import classify_document
from skillmeat.importer.readers.document_scan import SUFFIX
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.skill_scan import SKILL, has_skill_file, scan_skills
from skillmeat.importer.readers.text import escape, is_documentation_name

CLAUDE = ".claude"

Target = tuple[Scan, SourcePath]
"""What to scan, and where."""

# Other tools have folders rules/, workflows/ and themes/, too, but not these.
_DISTINCT = frozenset(("agents", "commands", "output-styles", "skills"))

# The kind of a folder of any name is decided by a few of its files.
_MOST_FILES = 50
_MOST_FOLDERS = 500


def list_targets(folder: str) -> tuple[Target, ...]:
    """Return the paths to scan in a folder without a manifest and without .claude."""
    root = SourcePath(folder, "")
    if is_skill_folder(folder):
        return ((scan_skills, root),)
    found = _find_place(folder)
    if found is None or not _is_trusted(found[1]):
        components = list_component_targets(folder)
        if components:
            return components
        if found and found[0].scan is not scan_skills and _holds_skills_only(folder):
            # A clone in a folder that is called agents, or that is called so itself.
            found = None
    if found:
        return ((_name_below(*found, folder), root),)
    if has_skill_folders(folder):
        return ((partial(scan_skills, is_mixed=True), root),)
    guessed = _guess_place(folder)
    return ((guessed.scan, root),) if guessed else ()


def list_component_targets(folder: str) -> tuple[Target, ...]:
    """Return the paths to scan in a folder that contains agents/, commands/ or the like.

    Without any of these, folders such as rules/ and themes/ may belong to another tool, and are not
    scanned.
    """
    places = _list_component_places(folder)
    root = SourcePath(folder, "")
    return tuple((place.scan, root.join(place.path)) for place in places if _is_distinct(places))


def list_ambiguous_targets(folder: str) -> tuple[Target, ...]:
    """Return the folders that may belong to another tool, with a scan that only counts them."""
    places = _list_component_places(folder)
    root = SourcePath(folder, "")
    return tuple(
        (_omit_folder, root.join(place.path)) for place in places if not _is_distinct(places)
    )


def _list_component_places(folder: str) -> list[Place]:
    return [
        place
        for place in PLACES
        if place.scope == "claude" and "." not in place.path and _is_component(folder, place.path)
    ]


def _is_distinct(places: Iterable[Place]) -> bool:
    return not _DISTINCT.isdisjoint(place.path for place in places)


def _omit_folder(source_path: SourcePath, result: ScanResult) -> None:
    result.add_omission("folders that may be another tool's", source_path)


def find_target(file: str, given: str) -> Target:
    """Return the scan for one file. Raises `SourceError` if its kind is unclear."""
    name = os.path.basename(file)
    source_path = SourcePath(file, escape(name))
    if name.lower() == SKILL.lower():
        return scan_skills, SourcePath(os.path.dirname(file), "")
    found = _find_place(file)
    if found:
        return _name_below(*found, os.path.dirname(file)), source_path
    for path, scan in _list_files():
        if file.endswith(f"/{path}"):
            return scan, source_path
    if name.lower().endswith(SUFFIX):
        kinds = set(classify_document(file))
        place = next((each for each in PLACES if {each.path} == kinds), None)
        if place:
            return place.scan, source_path
        message = (
            f"{given} may be an agent or a command: put it in a folder agents/ or commands/, then"
            " name that folder"
        )
        raise SourceError(message)
    message = (
        f"{given} is not a file that is imported: name a folder, a {SKILL}, a {SUFFIX} file of an"
        f" agent or a command, or a manifest in {manifest.FOLDER}/"
    )
    raise SourceError(message)


def _list_files() -> Iterator[tuple[str, Scan]]:
    """Yield the files that a project or a plugin has at a fixed path, such as .mcp.json."""
    for place in PLACES:
        if "." in place.path:
            yield place.path, place.scan
    for component in COMPONENTS:
        if "." in component.default:
            yield component.default, component.scan


def is_skill_folder(folder: str) -> bool:
    """Return whether the folder itself is a skill."""
    try:
        return has_skill_file(safe_files.list_entries(folder))
    except UnreadableError:
        return False


def has_skill_folders(folder: str) -> bool:
    """Return whether a folder in the folder is a skill, or a plugin."""
    return any(_classify_folders(folder))


def _holds_skills_only(folder: str) -> bool:
    """Return whether the folder holds folders of skills, and no document of its own."""
    return has_skill_folders(folder) and all(
        is_documentation_name(entry.name)
        for entry in safe_files.list_entries(folder)
        if entry.name.lower().endswith(SUFFIX)
    )


def count_skill_folders(folder: str) -> Counter[str]:
    """Return how many folders in the folder are a `skill`, and how many are a `plugin`."""
    return Counter(_classify_folders(folder))


def list_skill_files(folder: str) -> list[str]:
    """Return the SKILL.md of each folder in the folder that is a skill."""
    return [
        os.path.join(entry.path, file.name)
        for entry in safe_files.list_entries(folder)
        if safe_files.is_folder(entry) and is_skill_folder(entry.path)
        for file in safe_files.list_entries(entry.path)
        if file.name.lower() == SKILL.lower()
    ]


def _classify_folders(folder: str) -> Iterator[str]:
    for entry in safe_files.list_entries(folder):
        if not os.path.isdir(entry.path):
            continue
        if has_manifest(entry.path):
            yield "plugin"
        elif is_skill_folder(entry.path):
            yield "skill"


def has_manifest(folder: str) -> bool:
    """Return whether the folder is a plugin with a plugin.json."""
    return os.path.lexists(os.path.join(folder, manifest.FOLDER, "plugin.json"))


def _is_component(folder: str, path: str) -> bool:
    """Return whether the folder has a folder at `path` that is not a skill of this name."""
    component = os.path.join(folder, path)
    is_there = os.path.isdir(component) or os.path.islink(component)
    return is_there and not is_skill_folder(component)


def _find_place(path: str) -> tuple[Place, str] | None:
    """Return the place of a path, and the folder or file of that place."""
    above = path
    while (parent := os.path.dirname(above)) != above:
        for place in PLACES:
            if place.scope != "claude" or not above.endswith(f"/{place.path}"):
                continue
            is_near = above == path or (
                above == os.path.dirname(path) and (place.nests or _is_file_of(path, place))
            )
            if is_near or (place.nests and (_is_trusted(above) or _agrees(path, place))):
                return place, above
        above = parent
    return None


def _is_file_of(path: str, place: Place) -> bool:
    """Return whether a file is an artifact of the folder that it is in; a skill is a folder."""
    return place.scan is not scan_skills and not os.path.isdir(path)


def _agrees(path: str, place: Place) -> bool:
    """Return whether the front matter of a file fits its place."""
    return not os.path.isdir(path) and {*classify_document(path), place.path} == {place.path}


def _is_trusted(component: str) -> bool:
    """Return whether a folder lies where Claude Code reads it: in .claude, or in a plugin."""
    parent = os.path.dirname(component)
    return os.path.basename(parent) == CLAUDE or os.path.lexists(
        os.path.join(parent, manifest.FOLDER)
    )


def _name_below(place: Place, component: str, folder: str) -> Scan:
    """Return a scan of a folder that gives artifacts the names of a scan of the whole place."""
    path = os.path.relpath(folder, component)
    if not place.nests or path == os.curdir or path.startswith(os.pardir):
        return place.scan
    # A nested place needs a prefix, which the type of a scan cannot express.
    return partial(place.scan, prefix=f"{path}/")  # type: ignore[call-arg]


def _guess_place(folder: str) -> Place | None:
    """Return the place that fits all files, as far as they show their kind: agents or commands.

    Folders in it may be named after the place, but the front matter of a file must show it too. A
    folder of documents holds nothing that is importable itself, such as a skill or a plugin.
    """
    kinds: set[str] = set()
    shown: set[str] = set()
    for file in _list_documents(folder):
        if file is None:
            return None
        kinds_shown = set(classify_document(file))
        shown |= kinds_shown
        kinds |= _list_places_above(folder, file) or kinds_shown
    return next((place for place in PLACES if place.path in shown and kinds == {place.path}), None)


def _list_documents(folder: str) -> Iterator[str | None]:
    """Yield the first documents, and None for a folder that is something else, or too large."""
    folders = [folder]
    number = visited = 0
    while folders:
        path = folders.pop()
        visited += 1
        try:
            entries = safe_files.list_entries(path)
        except UnreadableError:
            continue
        if visited > _MOST_FOLDERS or _is_importable(entries):
            yield None
            return
        for entry in entries:
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            if safe_files.is_folder(entry):
                folders.append(entry.path)
            elif entry.name.lower().endswith(SUFFIX) and number < _MOST_FILES:
                yield entry.path
                number += 1


def _is_importable(entries: list[os.DirEntry[str]]) -> bool:
    return has_skill_file(entries) or any(
        entry.name in (manifest.FOLDER, CLAUDE) for entry in entries
    )


def _list_places_above(folder: str, file: str) -> set[str]:
    """Return the places that folders between the two are named after."""
    above = f"/{os.path.dirname(os.path.relpath(file, folder))}/"
    return {place.path for place in PLACES if f"/{place.path}/" in above}
