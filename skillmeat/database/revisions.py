"""The revisions of the schema, by the files of the migrations: Alembic takes long to load."""

from functools import cache
from pathlib import Path
from typing import Final

# Alembic keeps one row in the schema, the revision that it is at.
RECORDED: Final = "select version_num from alembic_version"


def migrations_folder() -> Path:
    """Find the folder of the migrations: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


@cache
def get_head() -> str:
    """Return the newest revision; the file of each is named after it, with its number first."""
    return max(file.stem for file in (migrations_folder() / "versions").glob("[0-9]*.py"))
