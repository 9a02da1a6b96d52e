"""`skillmeat verify`, `repair` and `status`."""

from dataclasses import asdict

import typer
from psycopg import Connection

from skillmeat import server
from skillmeat.cli.exits import EXIT_REFUSED
from skillmeat.cli.output import AsJson, print_fields, print_json, print_table
from skillmeat.cli.snapshot import snapshot
from skillmeat.connection import connect
from skillmeat.errors import NotMigrated
from skillmeat.health import Drift, Totals, drift, totals
from skillmeat.health import repair as repair_counts


def verify(*, as_json: AsJson = False) -> None:
    """Compare every count with COUNT(*): exit 0 if healthy, else 1 and print what differs."""
    with snapshot() as conn:
        found = drift(conn)
    if as_json:
        print_json({"healthy": not found, "drift": found})
    elif found:
        print_drift(found)
    else:
        typer.echo("healthy")
    if found:
        raise typer.Exit(EXIT_REFUSED)


def repair(*, as_json: AsJson = False) -> None:
    """Recount what differs from COUNT(*), while writers go on."""
    with connect() as conn:
        mended = repair_counts(conn)
    if as_json:
        print_json({"mended": mended})
    elif mended:
        print_drift(mended)
        typer.echo(f"{len(mended)} mended")
    else:
        typer.echo("nothing to mend")


def status(*, as_json: AsJson = False) -> None:
    """Say which server this is, what revision the schema is at, and how much it holds."""
    # Alembic takes longer to import than any other command to run.
    from skillmeat import migration  # noqa: PLC0415

    revision = migration.status()
    with snapshot() as conn:
        version = conn.info.parameter_status("server_version")
        held = _totals(conn)
    given = server.given_url()
    if as_json:
        print_json(
            {
                "server": {
                    "version": version,
                    "embedded": given is None,
                    "url": server.without_password(given or server.catalogue_url()),
                },
                "schema": revision.schema,
                "revision": {
                    "current": revision.current,
                    "head": revision.head,
                    "up_to_date": revision.up_to_date,
                },
                "totals": held,
            }
        )
        return
    note = "up to date" if revision.up_to_date else "run `skillmeat migrate up`"
    print_fields(
        {
            "server": f"PostgreSQL {version}, {'embedded' if given is None else 'given'}",
            "url": server.without_password(given or server.catalogue_url()),
            "schema": revision.schema,
            "revision": f"{revision.current or 'none'} ({note})",
            **(asdict(held) if held else {}),
        }
    )


def print_drift(found: tuple[Drift, ...]) -> None:
    """Print counts that differ from the truth."""
    print_table(
        ("counter", "which", "says", "true"),
        [(each.counter, each.parent, each.counted, each.actual) for each in found],
    )


def _totals(conn: Connection) -> Totals | None:
    try:
        return totals(conn)
    except NotMigrated:
        return None
