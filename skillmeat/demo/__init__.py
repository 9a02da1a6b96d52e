"""What `skillmeat demo` does, on a database of its own; printing it is the command's business."""

from skillmeat.demo.database import (
    DATABASE,
    alone,
    create_empty_schema,
    database_url,
    examples_folder,
)
from skillmeat.demo.writers import Writer, Writers, write_together

__all__ = [
    "DATABASE",
    "Writer",
    "Writers",
    "alone",
    "create_empty_schema",
    "database_url",
    "examples_folder",
    "write_together",
]
