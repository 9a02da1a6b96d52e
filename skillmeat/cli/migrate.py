"""`skillmeat migrate`: the schema of the catalogue, by Alembic."""

from typing import Annotated

import typer

from skillmeat import settings
from skillmeat.cli.output import AsJson, print_fields, print_json

app = typer.Typer(no_args_is_help=True, help="Create, upgrade and inspect the schema.")

# Alembic's own word for a schema that was never migrated.
BASE = "base"

# Alembic takes longer to import than any other command to run.
# ruff: noqa: PLC0415


@app.command()
def up(
    revision: Annotated[str, typer.Argument(help="Where to; the newest unless given.")] = "head",
    *,
    as_json: AsJson = False,
) -> None:
    """Upgrade the schema while writers go on, creating it if need be."""
    from skillmeat import migration

    before = migration.status().current
    _report(before, migration.up(revision).current, as_json=as_json)


# A relative revision, such as -1, is no option.
@app.command(context_settings={"ignore_unknown_options": True})
def down(
    revision: Annotated[
        str, typer.Argument(help="Where to: a revision, -1 for the one before, base for nothing.")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Downgrade the schema; what only the newer revisions can hold is lost."""
    from skillmeat import migration

    before = migration.status().current
    _report(before, migration.down(revision).current, as_json=as_json)


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Say which revision the schema is at, and which is the newest."""
    from skillmeat import migration

    found = migration.status()
    fields = {
        "schema": found.schema,
        "current": found.current,
        "head": found.head,
        "up_to_date": found.up_to_date,
    }
    if as_json:
        print_json(fields)
    else:
        print_fields({name.replace("_", " "): value for name, value in fields.items()})


@app.command()
def sql(
    revisions: Annotated[
        str, typer.Argument(metavar="[FROM:TO]", help="Which part; all of it unless given.")
    ] = "head",
) -> None:
    """Print the statements for a DBA to review and run by hand; connects to nothing."""
    from skillmeat import migration

    typer.echo(migration.script(revisions), nl=False)


def _report(before: str | None, after: str | None, *, as_json: bool) -> None:
    schema = settings.schema()
    if as_json:
        print_json({"schema": schema, "from": before, "to": after})
    elif before == after:
        typer.echo(f"{schema}: nothing to do, at {after or BASE}")
    else:
        typer.echo(f"{schema}: {before or BASE} -> {after or BASE}")
