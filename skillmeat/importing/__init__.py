"""Import what is on disk into a catalogue, all or nothing."""

from skillmeat.importing.adoption import Adopted, adopt
from skillmeat.importing.report import Removed, Report, Tally
from skillmeat.importing.run import import_paths

__all__ = ["Adopted", "Removed", "Report", "Tally", "adopt", "import_paths"]
