"""Import what is on disk into a catalogue, all or nothing."""

from skillmeat.importer.report import ImportReport, RemovedCounts, RowCounts
from skillmeat.importer.run import import_paths
from skillmeat.importer.skillmeat import Adopted, adopt

__all__ = ["Adopted", "ImportReport", "RemovedCounts", "RowCounts", "adopt", "import_paths"]
