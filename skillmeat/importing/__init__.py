"""Import what is on disk into a catalogue, all or nothing."""

from skillmeat.importing.report import Removed, Report, Tally
from skillmeat.importing.run import import_paths

__all__ = ["Removed", "Report", "Tally", "import_paths"]
