"""`skillmeat catalogue`: the catalogues that libpq's connection service file names."""

import sys
from typing import Annotated, Final

import typer

from skillmeat import settings
from skillmeat.cli.migrate import print_deleted_rows
from skillmeat.cli.move import move
from skillmeat.cli.options import AsJson
from skillmeat.cli.output import print_json, print_notice, print_result, print_table
from skillmeat.cli.services import parse_server_url
from skillmeat.database.connection import find_url, get_embedded_url
from skillmeat.errors import SkillMeatError
from skillmeat.settings.services import Service, get_service, list_services

app = typer.Typer(
    no_args_is_help=True, help="Create, list, move and drop the catalogues of the service file."
)
app.command()(move)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of its service.")]

COLUMNS: Final = ("host", "port", "dbname", "user")

# Importing Alembic takes longer than running any other command.
# ruff: noqa: PLC0415


@app.command()
def create(
    ctx: typer.Context,
    name: Name,
    *,
    server: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The libpq URL of its database, without a password; by default "
            "SKILLMEAT_DATABASE_URL, else the embedded server's.",
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(metavar="SERVICE", help="Take the database and the user of this service."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create a catalogue, its group roles and its service; run it again if it was interrupted.

    The schema has the name of the service, unless --schema, before this command, names another.
    """
    from skillmeat import migration

    if server is not None and like is not None:
        message = "it names the database, as --server does: leave one of them out"
        raise typer.BadParameter(message, param_hint="--like")
    if server == "":
        message = "it is empty: write postgresql://user@host/database"
        raise typer.BadParameter(message, param_hint="--server")
    url = get_service(like).url if like is not None else find_url(server)
    service = migration.create_catalogue(
        name,
        parse_server_url(url or get_embedded_url(start=True)),
        schema=ctx.find_root().params["schema"],
        report=print_notice,
    )
    document = _describe(service)
    place = f"schema {document['schema']} of database {document['dbname']}"
    print_result(f"created {name}: {place} on {document['host']}", document, as_json=as_json)


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the services of libpq's service file, without connecting to any."""
    found = [_describe(each) for each in list_services()]
    if as_json:
        print_json(found)
    else:
        print_table(("service", "schema", *COLUMNS), [[*each.values()] for each in found])


@app.command()
def drop(
    ctx: typer.Context,
    name: Name,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to delete.")] = False,
    as_json: AsJson = False,
) -> None:
    """Drop a catalogue, its group roles, then its service; run it again if it was interrupted.

    It says first which rows it deletes, and asks. It waits half a minute for transactions that use
    the catalogue, and names them if they do not end.
    """
    from skillmeat import migration

    if ctx.find_root().params["schema"] is not None:
        message = "the service names its schema: leave it out"
        raise typer.BadParameter(message, param_hint="--schema")
    service = get_service(name)
    document = _describe(service)
    if not yes:
        _confirm(service)
    migration.drop_catalogue(service, report=print_notice)
    message = f"dropped {name}: the catalogue in schema {document['schema']}"
    print_result(message, document, as_json=as_json)


def _confirm(service: Service) -> None:
    from skillmeat import migration

    schema = settings.get_schema(service.schema)
    preview = migration.preview_downgrade("base", url=service.url, schema=schema)
    total = sum(number for _, number in preview.rows)
    if not sys.stdin.isatty():
        message = f"nothing was dropped: schema {schema} has {total:,} rows: add --yes"
        raise SkillMeatError(message)
    typer.echo(f"{service.name}: it drops the catalogue in schema {schema}", err=True)
    print_deleted_rows(preview)
    if not typer.confirm("go on?", err=True):
        message = "nothing was dropped"
        raise SkillMeatError(message)


def _describe(service: Service) -> dict[str, str | None]:
    return {
        "service": service.name,
        "schema": settings.get_schema(service.schema),
        **{name: service.parameters.get(name) for name in COLUMNS},
    }
