"""Alembic, wrapped: where the migrations are, how to run them, and whether they were kept."""

from skillmeat.migration.commands import down, newest, script, status, up
from skillmeat.migration.schema_diff import Checked, Difference, Failure, Fixed, check, fix

__all__ = [
    "Checked",
    "Difference",
    "Failure",
    "Fixed",
    "check",
    "down",
    "fix",
    "newest",
    "script",
    "status",
    "up",
]
