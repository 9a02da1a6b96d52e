"""The commands of `skillmeat`."""

import os
from typing import Annotated

import typer

from skillmeat.cli.lazy_group import LazyCommand, LazyGroup


class Commands(LazyGroup):
    """All commands."""

    lazy_commands = (
        LazyCommand(
            "demo",
            "demo:demo",
            "Show import, exact counts, concurrent writers and verify in a separate database.",
        ),
        LazyCommand(
            "import",
            "import_command:import_",
            "Import artifacts from folders in one transaction; a second import changes nothing.",
        ),
        LazyCommand(
            "refresh",
            "refresh:refresh",
            "Refresh the snapshot that pages are read from; an old one makes them slower, never "
            "wrong.",
        ),
        LazyCommand(
            "serve",
            "serve:serve",
            "Serve the catalogue over HTTP to SkillMeat's clients and to browsers.",
        ),
        LazyCommand(
            "verify",
            "verify:verify",
            "Compare all counts and summaries with the truth: exit 0 if healthy, else print drift, "
            "exit 1.",
        ),
        LazyCommand(
            "repair",
            "verify:repair",
            "Recount counts that drift, and have drifting summaries read live, while writers "
            "continue.",
        ),
        LazyCommand(
            "status",
            "status:status",
            "Show the server, the schema's revision, the totals and the snapshot.",
        ),
        LazyCommand(
            "url",
            "embedded_server:url",
            "Print the libpq URL of the database without its password; start the server if "
            "necessary.",
        ),
        LazyCommand(
            "psql",
            "embedded_server:psql",
            "Run the server's psql on the catalogue's database, in the catalogue's schema.",
            # `skillmeat psql -c …` then works without a -- before the options of psql.
            context_settings={"ignore_unknown_options": True},
        ),
        LazyCommand("sources", "sources:app", "List and remove the sources of imports."),
        LazyCommand("collections", "collections:app", "List, show and edit collections."),
        LazyCommand("artifacts", "artifacts:app", "List, show, compare and delete artifacts."),
        LazyCommand(
            "explain",
            "explain:app",
            "Run a read, and explain in words which statements it sends and what they cost.",
        ),
        LazyCommand("token", "tokens:app", "Create, list and revoke tokens of the HTTP server."),
        LazyCommand(
            "catalogue",
            "catalogue:app",
            "Create, list, move and drop the catalogues of the service file.",
        ),
        LazyCommand("migrate", "migrate:app", "Create, upgrade and inspect the schema."),
        LazyCommand(
            "server", "embedded_server:app", "Start, stop and inspect the embedded PostgreSQL."
        ),
    )


app = typer.Typer(cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False)


def _print_version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - slow to import

        typer.echo(f"skillmeat {version('skillmeat-postgres')}")
        raise typer.Exit


@app.callback()
def set_schema(
    *,
    schema: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The catalogue's schema; by default SKILLMEAT_SCHEMA, else skillmeat.",
        ),
    ] = None,
    service: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The catalogue of this name in libpq's connection service file.",
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Keep SkillMeat's catalogue in PostgreSQL: exact counts, one SELECT a page, no waiting writer.

    SKILLMEAT_DATABASE_URL names the server. Without it, an embedded server is started.
    """
    if service is None and schema is None:
        return
    # These import the driver, which the help does not need.
    from skillmeat import settings  # noqa: PLC0415
    from skillmeat.cli.services import use_service  # noqa: PLC0415
    from skillmeat.settings.services import get_service  # noqa: PLC0415

    if service is not None:
        use_service(get_service(service), default_schema=settings.get_schema())
    if schema is not None:
        # Every function reads the schema from there, and this process runs one command.
        os.environ["SKILLMEAT_SCHEMA"] = settings.get_schema(schema)
