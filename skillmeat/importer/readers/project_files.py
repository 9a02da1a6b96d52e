"""The scans of files that are named after the project, or the home, that they belong to."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH111, PTH119

import os

from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.text import escape
from skillmeat.importer.readers.text_files import parse_text

HOME = "claude-home"


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
    name = f"{get_project_name(result)}/{source_path.path.removesuffix('.md')}"
    result.add_candidate("context_file", name, source_path, parse=parse_text)
