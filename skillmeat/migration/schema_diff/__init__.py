"""Compare the installed schema with its revision, and fix the differences."""

from skillmeat.migration.schema_diff.check import CheckResult, check_schema
from skillmeat.migration.schema_diff.difference import Difference
from skillmeat.migration.schema_diff.fix import FixFailure, FixResult, fix_schema

__all__ = ["CheckResult", "Difference", "FixFailure", "FixResult", "check_schema", "fix_schema"]
