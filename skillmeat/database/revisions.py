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
def list_known() -> frozenset[str]:
    """List the revisions of this version; the file of each is named after it, number first."""
    return frozenset(file.stem for file in (migrations_folder() / "versions").glob("[0-9]*.py"))


@cache
def get_head() -> str:
    """Return the newest revision."""
    return max(list_known())


def is_known(revision: str | None) -> bool:
    """Return whether this version can migrate a schema at `revision`, None for nothing."""
    return revision is None or revision in list_known()


def advise(revision: str | None) -> str:
    """Say what to do if a schema at `revision` is not at the newest one."""
    if is_known(revision):
        return "run `skillmeat migrate up`"
    return "install the version of skillmeat that migrated it"
