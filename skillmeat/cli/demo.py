"""`skillmeat demo`: import, read, write concurrently and verify, one printed step at a time."""

import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from skillmeat import demo as steps
from skillmeat import embedded, settings
from skillmeat.catalogue import create_collection, list_artifacts, list_collections
from skillmeat.cli.artifacts import print_artifacts
from skillmeat.cli.collections import print_collections
from skillmeat.cli.errors import EXIT_FAILED
from skillmeat.cli.import_report import report_as_json
from skillmeat.cli.options import AsJson
from skillmeat.cli.output import (
    format_count,
    format_value,
    forward_page_as_json,
    print_json,
    print_notice,
    print_table,
)
from skillmeat.cli.verify import print_count_drift
from skillmeat.database.connection import connect
from skillmeat.database.query import Conn
from skillmeat.database.recording import QueryStats, record
from skillmeat.database.time_limits import lift_time_limits
from skillmeat.importer import import_paths
from skillmeat.importer.readers import find_locations
from skillmeat.maintenance import get_totals, list_count_drift

PAGE = 10
WRITERS = 4
SHARE = 25
HOT_COLLECTION = "Hot collection of the demo"

StepResult = dict[str, Any]


def demo(
    path: Annotated[
        Path | None, typer.Argument(help="The folder to import; a small sample by default.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show import, exact counts, concurrent writers and verify in a separate database."""
    source = path or steps.get_examples_folder()
    find_locations(source)  # refuses a wrong path before the schema of the last run is dropped
    seen: dict[str, StepResult] = {}
    url = steps.ensure_database()
    with steps.lock_database(url, on_wait=_print_waiting):
        for name, result in _run_steps(url, source):
            seen[name] = result
            if not as_json:
                _PRINTERS[name](result)
                sys.stdout.flush()
    if as_json:
        print_json(seen)
    if not seen["verify"]["healthy"]:
        raise typer.Exit(EXIT_FAILED)
    if not as_json:
        database = shlex.quote(embedded.remove_password(url))
        schema = settings.get_schema()
        chosen = "" if schema == settings.DEFAULT_SCHEMA else f" --schema {shlex.quote(schema)}"
        typer.echo(
            f"to look around: SKILLMEAT_DATABASE_URL={database} {_format_program()}{chosen} psql"
        )


def _run_steps(url: str, source: Path) -> Iterator[tuple[str, StepResult]]:
    """Yield the name and the result of each step when it is done."""
    yield "server", _describe_server(url)
    yield "migration", _migrate(url)
    with connect(url, autocommit=True) as conn:
        lift_time_limits(conn)
        yield "import", _import(conn, source)
        page = list_collections(conn, limit=PAGE)
        yield "collections", {**forward_page_as_json(page), "total": get_totals(conn).collections}
        yield "artifacts", _read_page(conn)
        yield "writers", _write_together(conn, url)
        drifting = list_count_drift(conn)
        yield "verify", {"healthy": not drifting, "drift": drifting, "totals": get_totals(conn)}


def _describe_server(url: str) -> StepResult:
    is_embedded = embedded.get_configured_url() is None
    return {
        "version": embedded.get_server_version(url),
        "embedded": is_embedded,
        "database": steps.DATABASE,
    }


def _migrate(url: str) -> StepResult:
    from skillmeat import migration  # noqa: PLC0415 - slow to import, see cli/migrate.py

    started = time.perf_counter()
    steps.recreate_schema(url)
    revision = migration.upgrade(url=url, report=print_notice)
    return {"to": revision.current, "seconds": _seconds_since(started)}


def _import(conn: Conn, source: Path) -> StepResult:
    started = time.perf_counter()
    with conn.transaction():
        report = import_paths(conn, [source])
    return {
        "path": str(source),
        "seconds": _seconds_since(started),
        "report": report_as_json(report),
    }


def _read_page(conn: Conn) -> StepResult:
    stats = QueryStats()
    started = time.perf_counter()
    with record(conn, stats):
        page = list_artifacts(conn, limit=PAGE)
    seconds = _seconds_since(started)
    return {
        "statements": stats.statements,
        "milliseconds": round(1000 * seconds, 3),
        **forward_page_as_json(page),
        "total": get_totals(conn).artifacts,
    }


def _write_together(conn: Conn, url: str) -> StepResult:
    ids = [each.id for each in list_artifacts(conn, limit=WRITERS * SHARE).items]
    # A source with fewer artifacts than writers gets fewer writers.
    shares = [share for each in range(WRITERS) if (share := ids[each::WRITERS])]
    hot = create_collection(conn, name=HOT_COLLECTION)
    return {"collection": hot.name, "seen": steps.write_concurrently(url, hot.id, shares)}


def _seconds_since(started: float) -> float:
    """Return the seconds since `started`, rounded to the microsecond."""
    return round(time.perf_counter() - started, 6)


def _print_waiting() -> None:
    typer.echo("another demo is running on this server: waiting until it ends", err=True)


def _print_server(result: StepResult) -> None:
    server = "embedded" if result["embedded"] else "given"
    typer.echo(f"PostgreSQL {result['version']} ({server}), database {result['database']}")


def _print_migration(result: StepResult) -> None:
    typer.echo(f"schema created at {result['to']} in {result['seconds']:.1f} s")


def _print_import(result: StepResult) -> None:
    report = result["report"]
    added = {noun: report[f"{noun}s"]["added"] for noun in ("artifact", "collection", "membership")}
    typer.echo(
        f"imported {format_value(result['path'])} in {result['seconds']:.1f} s: "
        + ", ".join(format_count(number, noun) for noun, number in added.items())
    )
    if report["conflicts"]:
        count = len(report["conflicts"])
        typer.echo(f"artifacts whose copies differ, each shown in its latest version: {count}")
    if report["problems"]:
        count = len(report["problems"])
        typer.echo(f"problems, listed by `skillmeat import --dry-run PATH`: {count}")


def _print_collections(result: StepResult) -> None:
    _print_title(
        f"{len(result['items'])} of {format_count(result['total'], 'collection')}, "
        "each with its exact count"
    )
    print_collections(result["items"])


def _print_artifacts(result: StepResult) -> None:
    _print_title(
        f"A page of {len(result['items'])} of {format_count(result['total'], 'artifact')}, read by "
        f"{format_count(result['statements'], 'statement')} in {result['milliseconds']:.1f} ms"
    )
    print_artifacts(result["items"])


def _print_writers(result: StepResult) -> None:
    seen = result["seen"]
    _print_title(f"{len(seen.writers)} writers add to one collection, and none has committed yet")
    print_table(
        ("session", "state", "added", "counts", "waits for"),
        [(w.pid, w.state, w.added, w.counts, w.waited_for or "no session") for w in seen.writers],
    )
    typer.echo(
        f"an observer looked at the locks {seen.looks} times, and counted {seen.before} before, "
        f"{seen.while_open} during and {seen.after} after the writes"
    )


def _print_verify(result: StepResult) -> None:
    _print_title("Every count compared with COUNT(*)")
    if result["healthy"]:
        held = result["totals"]
        typer.echo(
            f"healthy: {format_count(held.artifacts, 'artifact')}, "
            f"{format_count(held.collections, 'collection')}, "
            f"{format_count(held.memberships, 'membership')}, "
            f"{format_count(held.tags, 'tag')}, {format_count(held.pending, 'count')} pending"
        )
    else:
        print_count_drift(result["drift"])


def _format_program() -> str:
    """Format how this program was started, for a command that the user can paste."""
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m skillmeat"
    on_path = shutil.which("skillmeat")
    if on_path is not None and program.exists() and program.samefile(on_path):
        return "skillmeat"
    return shlex.quote(sys.argv[0])


def _print_title(text: str) -> None:
    typer.secho(f"\n{text}", bold=True)


_PRINTERS: dict[str, Callable[[StepResult], None]] = {
    "server": _print_server,
    "migration": _print_migration,
    "import": _print_import,
    "collections": _print_collections,
    "artifacts": _print_artifacts,
    "writers": _print_writers,
    "verify": _print_verify,
}
