"""Whether what is installed is what the revision installs, and how to mend it if not."""

from skillmeat.migration.schema_diff.check import Checked, check
from skillmeat.migration.schema_diff.difference import Difference
from skillmeat.migration.schema_diff.fix import Failure, Fixed, fix

__all__ = ["Checked", "Difference", "Failure", "Fixed", "check", "fix"]
