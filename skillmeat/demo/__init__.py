"""The steps of `skillmeat demo` in its own database; the command prints their results."""

from skillmeat.demo.database import (
    DATABASE,
    ensure_database,
    get_examples_folder,
    lock_database,
    recreate_schema,
)
from skillmeat.demo.writers import ConcurrentWrites, WriterState, write_concurrently

__all__ = [
    "DATABASE",
    "ConcurrentWrites",
    "WriterState",
    "ensure_database",
    "get_examples_folder",
    "lock_database",
    "recreate_schema",
    "write_concurrently",
]
