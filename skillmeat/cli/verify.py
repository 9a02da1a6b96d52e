"""`skillmeat verify` and `repair`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from skillmeat.cli.connections import open_without_timeout
from skillmeat.cli.errors import EXIT_FAILED
from skillmeat.cli.migrate import difference_as_json
from skillmeat.cli.output import AsJson, join_lines, print_json, print_table, show_progress
from skillmeat.errors import DatabaseError, NotMigrated
from skillmeat.maintenance import (
    BrokenForeignKey,
    CountDrift,
    Scope,
    SummaryDrift,
    repair_catalogue,
    verify_catalogue,
)
from skillmeat.query import Conn

if TYPE_CHECKING:
    from skillmeat.maintenance.verify import OnProgress
    from skillmeat.migration import Difference

# What is still a table to read.
MOST_SUMMARIES = 20

Collection = Annotated[
    str | None,
    typer.Option(metavar="ID", help="Only this one, its groups and its members' summaries."),
]
Sample = Annotated[
    int | None,
    typer.Option(
        metavar="N", min=1, help="So many counts of each kind and so many artifacts, at random."
    ),
]


@dataclass(frozen=True, slots=True)
class InstallationCheck:
    """How what is installed differs from what should be, or why it could not be compared."""

    differences: "tuple[Difference, ...]" = ()
    not_compared: str | None = None


def verify(
    *, collection: Collection = None, sample: Sample = None, as_json: AsJson = False
) -> None:
    """Compare all counts and summaries with the truth: exit 0 if healthy, else 1 and what differs.

    Reads the whole catalogue, a part at a time: nobody waits for it. Compares what is installed,
    too, as `migrate check` does.
    """
    scope = _scope(collection, sample)
    installed = _check_installation()
    if not as_json:
        _print_installation(installed)
    counts: list[CountDrift] = []
    summaries: list[SummaryDrift] = []
    broken: list[BrokenForeignKey] = []
    try:
        with open_without_timeout() as conn, _progress(conn, scope) as on_progress:
            for each in verify_catalogue(conn, scope=scope, on_progress=on_progress):
                match each:
                    case CountDrift():
                        counts.append(each)
                    case SummaryDrift():
                        summaries.append(each)
                    case BrokenForeignKey():
                        broken.append(each)
    finally:
        if not as_json:
            print_count_drift(counts)
            _print_summary_drift(summaries)
            _print_broken_foreign_keys(broken)
    healthy = not (counts or summaries or broken or installed.differences)
    if as_json:
        print_json(
            {
                "healthy": healthy,
                "drift": counts,
                "summary_drift": summaries,
                "dangling": broken,
                "installation": {
                    "differences": [*map(difference_as_json, installed.differences)],
                    "not_compared": installed.not_compared,
                },
            }
        )
    elif healthy:
        typer.echo("healthy")
    if not healthy:
        raise typer.Exit(EXIT_FAILED)


def repair(
    *, collection: Collection = None, sample: Sample = None, as_json: AsJson = False
) -> None:
    """Recount what differs from COUNT(*), and have summaries that drift read live: nobody waits."""
    scope = _scope(collection, sample)
    counts: list[CountDrift] = []
    summaries: list[str] = []
    try:
        with open_without_timeout() as conn, _progress(conn, scope) as on_progress:
            for repaired in repair_catalogue(conn, scope=scope, on_progress=on_progress):
                counts.extend(repaired.counts)
                summaries.extend(repaired.summaries)
    finally:
        # What was repaired stays so, even if an error follows.
        if as_json:
            print_json({"mended": counts, "summaries": summaries})
        else:
            print_count_drift(counts)
            _print_repaired_summaries(summaries)
    if as_json:
        return
    if counts or summaries:
        typer.echo(f"mended: counts {len(counts):,}, summaries {len(summaries):,}")
    else:
        typer.echo("nothing to mend")


def print_count_drift(drift: list[CountDrift] | tuple[CountDrift, ...]) -> None:
    """Print counts that differ from the truth, if any do."""
    if drift:
        print_table(
            ("counter", "which", "says", "true"),
            [(each.counter, each.parent, each.counted, each.actual) for each in drift],
        )


def _print_summary_drift(drift: list[SummaryDrift]) -> None:
    """Print rows in which summaries differ from the truth, if any do."""
    if drift:
        print_table(
            ("side", "summary", "differs in"),
            [(each.side, each.id, each.columns or "all of it") for each in drift[:MOST_SUMMARIES]],
        )
        _print_omitted(len(drift))


def _print_broken_foreign_keys(broken: list[BrokenForeignKey]) -> None:
    """Print the foreign keys that do not hold, if any do not."""
    if broken:
        print_table(
            ("table", "foreign key", "rows that refer to nothing"),
            [(each.table, each.reference, each.rows) for each in broken],
        )
        typer.echo("delete these rows, or restore what they refer to", err=True)


def _print_repaired_summaries(summaries: list[str]) -> None:
    """Print the ids of artifacts whose summaries were repaired, if any were."""
    if summaries:
        print_table(("summary",), [(each,) for each in summaries[:MOST_SUMMARIES]])
        _print_omitted(len(summaries))


def _print_omitted(total: int) -> None:
    """Say how many were not printed, if any were not."""
    if total > MOST_SUMMARIES:
        typer.echo(f"and {total - MOST_SUMMARIES:,} more: --json has them all")


def _scope(collection: str | None, sample: int | None) -> Scope:
    if collection is not None and sample is not None:
        message = "a collection is verified whole: leave out --collection or --sample"
        raise typer.BadParameter(message, param_hint="--sample")
    return Scope(collection=collection, sample=sample)


def _check_installation() -> InstallationCheck:
    """Compare what is installed, unless the role or the server does not allow it."""
    # Alembic takes longer to import than any other command to run.
    from skillmeat import migration  # noqa: PLC0415

    try:
        return InstallationCheck(migration.check_schema().differences)
    except NotMigrated:
        raise
    except DatabaseError as error:
        return InstallationCheck(not_compared=str(error))


def _print_installation(installation: InstallationCheck) -> None:
    """Print what differs, and on stderr what could not be compared."""
    for each in installation.differences:
        typer.echo(join_lines(f"{each.kind} {each.name}: {each.problem}"))
    if installation.differences:
        typer.echo("`skillmeat migrate check` has what mends it", err=True)
    if installation.not_compared is not None:
        typer.echo(
            join_lines(f"what is installed was not compared: {installation.not_compared}"), err=True
        )


@contextmanager
def _progress(conn: Conn, scope: Scope) -> Iterator["OnProgress"]:
    """Show a bar that knows how many rows there are to compare."""
    done = 0
    with show_progress("counts") as show:
        total = scope.estimate_rows(conn)

        def advance(what: str, rows: int) -> None:
            nonlocal done
            done += rows
            show(what, done, total)

        yield advance
