"""What `skillmeat verify` says of what is installed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from skillmeat.cli.text import one_line
from skillmeat.errors import DatabaseError, NotMigrated

if TYPE_CHECKING:
    from skillmeat.migration import Difference


@dataclass(frozen=True, slots=True)
class Installation:
    """How what is installed differs from what should be, or why nobody could tell."""

    differences: "tuple[Difference, ...]" = ()
    not_compared: str | None = None


def installation() -> Installation:
    """Compare what is installed, unless the role or the server does not allow it."""
    # Alembic takes longer to import than any other command to run.
    from skillmeat import migration  # noqa: PLC0415

    try:
        return Installation(migration.check().differences)
    except NotMigrated:
        raise
    except DatabaseError as error:
        return Installation(not_compared=str(error))


def print_installation(found: Installation) -> None:
    """Print what differs, and on stderr what could not be compared."""
    for each in found.differences:
        typer.echo(one_line(f"{each.kind} {each.name}: {each.problem}"))
    if found.differences:
        typer.echo("`skillmeat migrate check` has what mends it", err=True)
    if found.not_compared is not None:
        typer.echo(one_line(f"what is installed was not compared: {found.not_compared}"), err=True)
