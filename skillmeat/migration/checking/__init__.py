"""Whether what is installed is what the revision installs, and how to mend it if not."""

from skillmeat.migration.checking.check import Checked, check
from skillmeat.migration.checking.compared import Difference
from skillmeat.migration.checking.fix import Failure, Fixed, fix

__all__ = ["Checked", "Difference", "Failure", "Fixed", "check", "fix"]
