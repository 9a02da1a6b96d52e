"""Run Alembic's migrations, and compare the schema with what they install."""

from skillmeat.migration.commands import down, newest, script, status, up
from skillmeat.migration.schema_diff import (
    CheckResult,
    Difference,
    FixFailure,
    FixResult,
    check,
    fix,
)

__all__ = [
    "CheckResult",
    "Difference",
    "FixFailure",
    "FixResult",
    "check",
    "down",
    "fix",
    "newest",
    "script",
    "status",
    "up",
]
