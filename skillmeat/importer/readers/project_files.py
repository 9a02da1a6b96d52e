"""The scans of files that are named after the project, or the home, that they belong to."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH111, PTH112, PTH118, PTH119

import os

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.text import escape
from skillmeat.importer.readers.text_files import parse_text

HOME = "claude-home"
_OMITTED = "CLAUDE.md files of plugins and marketplaces"


def get_project_name(result: ScanResult) -> str:
    """Return the name of the project's folder, or `claude-home` for the user's home.

    The artifacts of all sources share their names, so `CLAUDE` alone would be one artifact of all.
    """
    if result.root == os.path.realpath(os.path.expanduser("~")):
        return HOME
    return get_folder_name(result.root)


def get_folder_name(folder: str) -> str:
    """Return the name of a folder, as a part of an artifact's name."""
    return escape(os.path.basename(folder)).strip(" ")


def scan_context_file(source_path: SourcePath, result: ScanResult) -> None:
    """Add a CLAUDE.md, whose name begins with its project's."""
    path = source_path.path.removesuffix(".md")
    if source_path.real == os.path.join(result.root, ".claude", source_path.path):
        # The file was named alone, so its path does not begin at the project.
        path = f".claude/{path}"
    name = f"{get_project_name(result)}/{path}"
    result.add_candidate("context_file", name, source_path, parse=parse_text)


def omit_plugins(source_path: SourcePath, result: ScanResult) -> None:
    """Count the plugins in a project's .claude/plugins, which Claude Code does not load."""
    for entry in safe_files.list_entries(source_path.real):
        folder = source_path.join(entry.name)
        if os.path.lexists(os.path.join(folder.real, ".claude-plugin")):
            result.add_omission("plugins in .claude/plugins, which Claude Code ignores", folder)


def omit_context_file(source_path: SourcePath, result: ScanResult) -> None:
    """Count a plugin's CLAUDE.md, which Claude Code does not load.

    The one at the root of a source may be a project's: `omit_root_context_file` counts it.
    """
    if "/" in source_path.path:
        result.add_omission(_OMITTED, source_path)


def omit_root_context_file(result: ScanResult) -> None:
    """Count the CLAUDE.md of a marketplace or plugin that is no project, as it has no .claude."""
    path = os.path.join(result.root, "CLAUDE.md")
    if os.path.lexists(path) and not os.path.isdir(os.path.join(result.root, ".claude")):
        result.add_omission(_OMITTED, SourcePath(path, "CLAUDE.md"))
