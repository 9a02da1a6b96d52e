"""The count of files of the kinds that the import passes over."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH112

import os

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.safe_files import UnreadableError

# A folder of artifacts holds files of other kinds, too.
BESIDE = "files beside"


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


def omit_inline(
    kind: str, value: object, _plugin: SourcePath, manifest: SourcePath, result: ScanResult
) -> None:
    """Count the definitions inside a manifest."""
    if value:
        result.add_omission(kind, manifest)
