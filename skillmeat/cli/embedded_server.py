"""`skillmeat server`, `skillmeat url` and `skillmeat psql`."""

import os
import signal
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from skillmeat import embedded, settings
from skillmeat.cli.options import AsJson
from skillmeat.cli.output import print_fields, print_json
from skillmeat.database.connection import NO_JIT
from skillmeat.embedded.binaries import find_psql
from skillmeat.embedded.urls import SECRETS
from skillmeat.errors import ServerError
from skillmeat.settings.services import find_service

# The exit code of pg_ctl status if no server runs.
EXIT_NOT_RUNNING = 3

# Secrets that libpq reads from arguments only, not from the environment.
WITHOUT_A_VARIABLE = SECRETS - {"password"}

app = typer.Typer(no_args_is_help=True, help="Start, stop and inspect the embedded PostgreSQL.")


@app.command()
def start() -> None:
    """Start the embedded server; create it at the first use."""
    _require_embedded_server("start")
    embedded.get_catalogue_url()
    found = embedded.get_status(settings.get_data_dir())
    typer.echo(f"PostgreSQL {found.version} runs (pid {found.pid}), data in {found.data_directory}")


@app.command()
def stop() -> None:
    """Stop the embedded server; nothing committed is lost."""
    _require_embedded_server("stop")
    stopped = embedded.stop(settings.get_data_dir())
    typer.echo("stopped" if stopped else "no server was running")


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Show whether the server runs; exit with 3 if it does not.

    `programs` is the folder of the pg_dump, pg_restore and pg_upgrade that come with the package.
    """
    found = _read_status()
    if as_json:
        print_json(found)
    else:
        print_fields({name.replace("_", " "): value for name, value in found.items()})
    if not found["running"]:
        raise typer.Exit(EXIT_NOT_RUNNING)


def url() -> None:
    """Print the libpq URL of the database without its password; start the server if necessary."""
    typer.echo(embedded.remove_password(embedded.get_catalogue_url()))


def psql(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="ARGS", help="Arguments for psql.")
    ] = None,
) -> None:
    """Run the server's psql on the catalogue's database, in the catalogue's schema."""
    schema = settings.get_schema()
    program = find_psql(None if embedded.get_configured_url() else embedded.find_binaries())
    target = conninfo_to_dict(embedded.get_catalogue_url())
    environment = dict(os.environ)
    # Every user of the machine can read the arguments of a process.
    if password := target.pop("password", None):
        environment["PGPASSWORD"] = str(password)
    for secret in WITHOUT_A_VARIABLE & target.keys():
        message = (
            f"psql would show {secret} to every user of this machine: "
            "take it out of SKILLMEAT_DATABASE_URL"
        )
        raise ServerError(message)
    given = target.pop("options", None) or environment.get("PGOPTIONS", "")
    service = target.get("service")
    if service and (found := find_service(str(service))):
        given = found.parameters.get("options") or given
    options = f"{NO_JIT} {given} {settings.build_search_path_option(schema)}"
    environment["PGOPTIONS"] = options
    if service:
        # The options of a service come before those of the environment.
        target["options"] = options
    # Python ignores SIGPIPE, and psql would inherit that: `| head` would not end it.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.stdout.flush()
    command = [str(program), "--dbname", make_conninfo("", **target), *(arguments or [])]
    os.execve(program, command, environment)  # noqa: S606 - no shell is wanted


def _require_embedded_server(action: str) -> None:
    if embedded.get_configured_url():
        message = f"SKILLMEAT_DATABASE_URL names a server: unset it to {action} the embedded one"
        raise ServerError(message)


def _find_programs() -> str | None:
    try:
        return str(embedded.find_binaries())
    except ServerError:
        return None


def _read_status() -> dict[str, object]:
    given = embedded.get_configured_url()
    if given is None:
        found = embedded.get_status(settings.get_data_dir())
        url = found.url and embedded.replace_database(found.url, embedded.CATALOGUE_DATABASE)
        return {"embedded": True, **asdict(found), "url": url, "programs": _find_programs()}
    version = embedded.get_server_version(given)
    return {
        "embedded": False,
        "running": version is not None,
        "url": embedded.remove_password(given),
        "version": version,
        "programs": _find_programs(),
    }
