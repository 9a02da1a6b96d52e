"""The count of files of the kinds that the import passes over."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH112, PTH113

import os

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.safe_files import UnreadableError


def omit(kind: str, source_path: SourcePath, result: ScanResult) -> None:
    """Count the file, or each file in the folder; `kind` is a plural noun."""
    if not os.path.isdir(source_path.real):
        result.add_omission(kind, source_path)
        return
    try:
        entries = safe_files.list_entries(source_path.real)
    except UnreadableError as error:
        result.add_problem(source_path, error)
        return
    for entry in entries:
        if not entry.name.startswith("."):
            result.add_omission(kind, source_path.join(entry.name))


def omit_other_files(kind: str, suffix: str, source_path: SourcePath, result: ScanResult) -> None:
    """Count the files in a folder that have another suffix, except a README."""
    if not os.path.isdir(source_path.real):
        return
    for entry in safe_files.list_entries(source_path.real):
        name = entry.name.lower()
        if (
            not name.endswith(suffix)
            and not name.startswith((".", "readme"))
            and os.path.isfile(entry.path)
        ):
            result.add_omission(kind, source_path.join(entry.name))


def omit_inline(
    kind: str, value: object, _plugin: SourcePath, manifest: SourcePath, result: ScanResult
) -> None:
    """Count the definitions inside a manifest."""
    if value:
        result.add_omission(kind, manifest)
