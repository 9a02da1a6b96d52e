"""The import of sources on disk into a catalogue, all or nothing."""

from skillmeat.importer.report import (
    ImportReport,
    RemovedCounts,
    RowCounts,
    SharedCollection,
    SkillMeatReport,
    SkippedCounts,
)
from skillmeat.importer.run import import_paths
from skillmeat.importer.skillmeat import import_skillmeat

__all__ = [
    "ImportReport",
    "RemovedCounts",
    "RowCounts",
    "SharedCollection",
    "SkillMeatReport",
    "SkippedCounts",
    "import_paths",
    "import_skillmeat",
]
