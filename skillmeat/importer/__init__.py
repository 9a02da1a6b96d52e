"""The import of sources on disk into a catalogue, all or nothing."""

from skillmeat.importer.identity import RecordedSource, list_sources
from skillmeat.importer.reimport import Reimport, import_again
from skillmeat.importer.report import (
    ImportReport,
    RemovedCounts,
    RowCounts,
    SharedCollection,
    SkillMeatReport,
    SkippedCounts,
)
from skillmeat.importer.run import import_paths, remove_source
from skillmeat.importer.skillmeat import import_skillmeat

__all__ = [
    "ImportReport",
    "RecordedSource",
    "Reimport",
    "RemovedCounts",
    "RowCounts",
    "SharedCollection",
    "SkillMeatReport",
    "SkippedCounts",
    "import_again",
    "import_paths",
    "import_skillmeat",
    "list_sources",
    "remove_source",
]
