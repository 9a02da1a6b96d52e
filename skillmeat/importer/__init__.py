"""Import what is on disk into a catalogue, all or nothing."""

from skillmeat.importer.report import (
    CountDifference,
    ImportReport,
    RemovedCounts,
    RowCounts,
    SkillMeatReport,
    TableCounts,
)
from skillmeat.importer.run import import_paths
from skillmeat.importer.skillmeat import import_skillmeat

__all__ = [
    "CountDifference",
    "ImportReport",
    "RemovedCounts",
    "RowCounts",
    "SkillMeatReport",
    "TableCounts",
    "import_paths",
    "import_skillmeat",
]
