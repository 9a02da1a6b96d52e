"""The steps of `skillmeat demo`, on a database of its own; the command prints them."""

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
