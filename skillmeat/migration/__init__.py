"""Alembic, wrapped: where the migrations are, how to run them, and whether they were kept."""

from skillmeat.migration.checking import Checked, Difference, Failure, Fixed, check, fix
from skillmeat.migration.runner import down, newest, script, status, up

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
