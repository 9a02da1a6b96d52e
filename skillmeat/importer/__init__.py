"""Import what is on disk into a catalogue, all or nothing."""

from skillmeat.importer.report import Removed, Report, Tally
from skillmeat.importer.run import import_paths
from skillmeat.importer.skillmeat import Adopted, adopt

__all__ = ["Adopted", "Removed", "Report", "Tally", "adopt", "import_paths"]
