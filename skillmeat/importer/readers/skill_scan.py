"""The scan of folders of skills: each folder with a SKILL.md is a skill."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH114, PTH118, PTH120

import os
from collections import Counter
from collections.abc import Iterable

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath, resolve_entry
from skillmeat.importer.readers.front_matter import read_front_matter
from skillmeat.importer.readers.omissions import BESIDE
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import escape, is_documentation_name, is_valid_name

SKILL = "SKILL.md"
_PLUGIN = ".claude-plugin/plugin.json"
_OUTSIDE_SKILLS = "skills of a plugin that are not in skills/"
_NO_SKILL = f"holds no {SKILL}"
_DEEPER = f"{_NO_SKILL}, but folders in it do, and Claude Code reads one level only"

# Claude Code keeps the skills that a synchronization removed in .trash.
_IGNORED = (".git", ".trash")

# A folder of skills is not searched for ever, whatever lies in it.
_DEEPEST = 6
_MOST_FOLDERS = 2_000


def scan_skills(source_path: SourcePath, result: ScanResult, *, is_mixed: bool = False) -> None:
    """Add the skill in the folder `source_path`, or the skill in each of its folders.

    A folder that is a plugin is kept for later, unless it lies in a plugin. If `is_mixed`, folders
    without a skill may lie beside the skills.
    """
    try:
        entries = safe_files.list_entries(source_path.real)
    except UnreadableError as error:
        result.add_problem(source_path, error, hides_artifacts=True)
        return
    if has_skill_file(entries):
        add_skill(source_path.name, source_path, result)
        return
    for entry in entries:
        folder = source_path.join(entry.name)
        if entry.name.startswith("."):
            if entry.name not in _IGNORED and safe_files.is_folder(entry):
                _explain_missing(folder, result, is_mixed=True)
            continue
        try:
            folder, is_folder = resolve_entry(entry, folder, result)
        except UnreadableError as error:
            result.add_problem(folder, error, artifact=_make_id(entry.name))
            continue
        if not is_folder:
            # Beside skills in a folder of any kind, only documents could have been meant as skills.
            is_meant = not is_mixed or entry.name.lower().endswith(".md")
            if is_meant and not is_documentation_name(entry.name):
                result.add_omission(f"{BESIDE} skills", folder)
            continue
        if folder.collection_id is None and os.path.lexists(os.path.join(folder.real, _PLUGIN)):
            result.plugins.append(folder)
        else:
            add_skill(entry.name, folder, result, is_mixed=is_mixed)


def scan_root_skill(plugin: SourcePath, result: ScanResult) -> None:
    """Add the skill in a plugin's own folder, named by its front matter, else by the folder.

    Without a SKILL.md, each folder in it that has one is a skill.
    """
    entries = safe_files.list_entries(plugin.real)
    if has_skill_file(entries):
        found = next(entry.name for entry in entries if entry.name.lower() == SKILL.lower())
        file = plugin.join(found)
        try:
            # Nothing is read of a file outside, not even its name.
            file = result.resolve(file)
        except UnreadableError as error:
            result.add_problem(file, error, hides_artifacts=True)
            return
        add_skill(read_declared_name(file.real) or plugin.name, plugin, result)
        return
    for entry in entries:
        folder = plugin.join(entry.name)
        if entry.name.startswith("."):
            continue
        try:
            folder, is_folder = resolve_entry(entry, folder, result)
            if is_folder and has_skill_file(safe_files.list_entries(folder.real)):
                add_skill(entry.name, folder, result)
        except UnreadableError:
            # Most entries of a plugin's own folder are no skills.
            continue


def omit_root_skills(plugin: SourcePath, result: ScanResult) -> None:
    """Count the skills in a plugin's own folder, which are read only if a manifest declares it.

    Its own SKILL.md is read only if the plugin has no folder skills/.
    """
    for entry in safe_files.list_entries(plugin.real):
        folder = plugin.join(entry.name)
        if entry.name.lower() == SKILL.lower():
            result.add_omission(_OUTSIDE_SKILLS, folder)
        if entry.name.startswith(".") or not safe_files.is_folder(entry):
            continue
        try:
            is_skill = has_skill_file(safe_files.list_entries(folder.real))
        except UnreadableError:
            continue
        if is_skill and entry.name != "skills":
            result.add_omission(_OUTSIDE_SKILLS, folder)


def has_skill_file(entries: Iterable[os.DirEntry[str]]) -> bool:
    """Return whether a folder with these entries is a skill."""
    return any(entry.name.lower() == SKILL.lower() for entry in entries)


def read_declared_name(file: str) -> str | None:
    """Return the `name` in the front matter of a file, or None if it has no usable name."""
    try:
        text = safe_files.decode_text(safe_files.read_file(file))
    except UnreadableError:
        return None
    name = read_front_matter(text).fields.get("name")
    return name.strip() if isinstance(name, str) and is_valid_name(name.strip()) else None


def add_skill(name: str, folder: SourcePath, result: ScanResult, *, is_mixed: bool = False) -> None:
    """Add the skill in `folder`, or the problem that it holds none.

    If `is_mixed`, it is a problem only if there are skills deeper in it.
    """
    file = folder.join(SKILL)
    try:
        if not safe_files.exists(file.real):
            entries = safe_files.list_entries(folder.real)
            found = next((each for each in entries if each.name.lower() == SKILL.lower()), None)
            if found is None:
                _explain_missing(folder, result, is_mixed=is_mixed)
                return
            file = folder.join(found.name)
            result.add_problem(
                file,
                f"Claude Code may not read it, because its name is not {SKILL}",
                advice=f"rename it to {SKILL}",
                artifact=_make_id(name),
                is_skipped=False,
            )
        if os.path.islink(file.real):
            file = result.resolve(file)
    except UnreadableError as error:
        result.add_problem(file, error, artifact=_make_id(name))
        return
    result.add_candidate("skill", name, file)


def _explain_missing(folder: SourcePath, result: ScanResult, *, is_mixed: bool) -> None:
    if safe_files.is_empty(folder.real) and not is_mixed:
        reason = safe_files.IS_EMPTY
        result.add_problem(
            folder, reason, advice=safe_files.ADVICE[reason], artifact=_make_id(folder.name)
        )
        return
    counts = _count_deeper(folder, result)
    if counts:
        ((path, number),) = counts.most_common(1)
        detail = f"{number:,} in {escape(path)}"
        if len(counts) > 1:
            detail = f"{counts.total():,} in {len(counts):,} folders, {detail}"
        result.add_problem(folder, _DEEPER, detail, "import the folders that hold them too")
    elif counts is not None and not is_mixed:
        result.add_problem(folder, _NO_SKILL, advice="add one, or move the folder out of skills")


def _count_deeper(folder: SourcePath, result: ScanResult) -> Counter[str] | None:
    """Return how many skills lie in each folder below, or None if all of them are found already."""
    counts: Counter[str] = Counter()
    is_any_found = False
    pending = [(folder.real, 0)]
    visited = 0
    while pending and visited < _MOST_FOLDERS:
        path, depth = pending.pop()
        visited += 1
        try:
            entries = safe_files.list_entries(path)
        except UnreadableError:
            continue
        if depth and has_skill_file(entries):
            if ("skill", os.path.join(path, SKILL), folder.collection_id) in result.files:
                is_any_found = True
            else:
                counts[os.path.dirname(path)] += 1
            continue
        pending += [
            (entry.path, depth + 1)
            for entry in entries
            if depth < _DEEPEST
            and not entry.name.startswith((".", "node_modules"))
            and safe_files.is_folder(entry)
        ]
    return None if is_any_found and not counts else counts


def _make_id(name: str) -> str | None:
    return f"skill:{name}" if is_valid_name(name) else None
