"""The commands of `skillmeat`."""

import os
from importlib.metadata import version
from typing import Annotated

import typer

from skillmeat import settings
from skillmeat.cli import (
    artifacts,
    collections,
    demo,
    embedded_server,
    explain,
    import_command,
    migrate,
    refresh,
    serve,
    sources,
    status,
    tokens,
    verify,
)
from skillmeat.cli.errors import OneLineErrors
from skillmeat.cli.services import takes_all_services, use_service
from skillmeat.services import get_service

app = typer.Typer(cls=OneLineErrors, no_args_is_help=True, pretty_exceptions_enable=False)


def _print_version(*, wanted: bool) -> None:
    if wanted:
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
    if service is not None:
        use_service(get_service(service), default_schema=settings.get_schema())
    if schema is not None:
        # Every function reads the schema from there, and this process runs one command.
        os.environ["SKILLMEAT_SCHEMA"] = settings.get_schema(schema)


app.command()(demo.demo)
app.command("import")(import_command.import_)
app.add_typer(sources.app, name="sources")
app.add_typer(collections.app, name="collections")
app.add_typer(artifacts.app, name="artifacts")
app.add_typer(explain.app, name="explain")
app.command()(refresh.refresh)
app.command()(serve.serve)
app.add_typer(tokens.app, name="token")
app.command()(takes_all_services(verify.verify))
app.command()(verify.repair)
app.command()(takes_all_services(status.status))
app.add_typer(migrate.app, name="migrate")
app.add_typer(embedded_server.app, name="server")
app.command()(embedded_server.url)
# `skillmeat psql -c …` then works without a -- before the options of psql.
app.command(context_settings={"ignore_unknown_options": True})(embedded_server.psql)
