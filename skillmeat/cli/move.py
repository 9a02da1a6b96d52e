"""`skillmeat catalogue move`: lead a service to a copy of its catalogue on another server."""

from pathlib import Path
from typing import Annotated

import typer

from skillmeat import settings
from skillmeat.cli.options import AsJson
from skillmeat.cli.output import print_notice, print_result, show_progress
from skillmeat.database.connection import build_conninfo
from skillmeat.settings.services import get_service

# Importing Alembic takes longer than running any other command.
# ruff: noqa: PLC0415


def move(  # noqa: PLR0913 - one parameter for each option
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of its service.")],
    *,
    to: Annotated[
        str,
        typer.Option(metavar="URL", help="The libpq URL of the database that it moves to."),
    ],
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="URL",
            help="The libpq URL that it moves from, if the service leads to a pooler, or its role "
            "may not replicate.",
        ),
    ] = None,
    publisher: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="How the new server reaches the old one, if not as this command does.",
        ),
    ] = None,
    pgbouncer: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The admin console of the PgBouncer in front of it: its clients then wait for the "
            "switch, and no transaction of theirs fails.",
        ),
    ] = None,
    pgbouncer_database: Annotated[
        str | None,
        typer.Option(
            metavar="DATABASE",
            help="Its database in PgBouncer; by default the dbname of the service.",
        ),
    ] = None,
    pgbouncer_ini: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            exists=True,
            help="PgBouncer's configuration, in which to write the new place of that database.",
        ),
    ] = None,
    abort: Annotated[
        bool,
        typer.Option("--abort", help="Give up a move that has not switched; drop the new copy."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Move a catalogue to another server, beside its readers and writers.

    Writers wait for less than a second. If it is interrupted, run it again: at most one copy is
    writable at any time. The old copy stays, read-only.
    """
    from skillmeat.moving import (
        Clients,
        MoveRequest,
        Pooler,
        abort_move,
        format_drop_command,
        move_catalogue,
    )

    urls = {"--to": to, "--from": from_, "--publisher": publisher, "--pgbouncer": pgbouncer}
    for option, url in urls.items():
        # libpq would take an empty URL for its defaults.
        if url is not None and not url.strip():
            message = "it is empty: write postgresql://user:password@host:port/database"
            raise typer.BadParameter(message, param_hint=option)
    if pgbouncer is None and (pgbouncer_database is not None or pgbouncer_ini is not None):
        message = "it needs the admin console of PgBouncer: add --pgbouncer URL"
        option = "--pgbouncer-ini" if pgbouncer_database is None else "--pgbouncer-database"
        raise typer.BadParameter(message, param_hint=option)
    service = get_service(name)
    database = pgbouncer_database or service.parameters.get("dbname") or service.name
    pooler = None if pgbouncer is None else Pooler(pgbouncer, database, pgbouncer_ini)
    schema = settings.get_schema(service.schema)
    with show_progress("tables copied") as on_progress:
        request = MoveRequest(
            clients=Clients(service, schema, pooler),
            old_url=from_ or service.url,
            new_url=to,
            report=print_notice,
            on_progress=on_progress,
            publisher=publisher and build_conninfo(publisher),
        )
        try:
            if abort:
                abort_move(request)
            else:
                moved = move_catalogue(request)
        except KeyboardInterrupt:
            print_notice("interrupted: run the same command again, or give up with --abort")
            raise
    if abort:
        print_result(
            f"{name} stays where it is", {"service": name, "moved": False}, as_json=as_json
        )
        return
    if moved.old is None:
        print_result(f"{name} is at {moved.new} already", moved, as_json=as_json)
        return
    waited = "" if moved.paused is None else f"; writers waited for {moved.paused:.2f} s"
    print_notice(f"the old copy is read-only: {format_drop_command(moved.old, schema)} drops it")
    print_result(f"moved {name} to {moved.new}{waited}", moved, as_json=as_json)
