"""`skillmeat verify` and `skillmeat repair`: compare counts and summaries, and correct them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from skillmeat.cli.connections import open_without_time_limits
from skillmeat.cli.errors import EXIT_FAILED
from skillmeat.cli.migrate import difference_as_json
from skillmeat.cli.options import AsJson
from skillmeat.cli.output import join_lines, print_json, print_table, show_progress
from skillmeat.cli.services import takes_all_services
from skillmeat.database.query import Conn
from skillmeat.errors import CannotConnect, DatabaseError, NotMigrated
from skillmeat.maintenance import (
    BrokenForeignKey,
    CountDrift,
    Scope,
    SummaryDrift,
    repair_catalogue,
    verify_catalogue,
)

if TYPE_CHECKING:
    from skillmeat.maintenance.verify import OnProgress
    from skillmeat.migration import Difference

# More rows than this are only counted; --json has them all.
MOST_SUMMARIES = 20

Collection = Annotated[
    str | None,
    typer.Option(
        metavar="ID", help="Only this collection, its groups and the summaries of its members."
    ),
]
Sample = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        help="Only this many counts of each kind and artifacts, chosen at random.",
    ),
]


@dataclass(frozen=True, slots=True)
class InstallationCheck:
    """The differences of the schema from its revision, or why they are unknown."""

    differences: "tuple[Difference, ...]" = ()
    not_compared: str | None = None


@takes_all_services
def verify(
    *, collection: Collection = None, sample: Sample = None, as_json: AsJson = False
) -> None:
    """Compare all counts and summaries with the truth: exit 0 if healthy, else print drift, exit 1.

    Verify reads the whole catalogue in batches, and no session waits for it. It also compares the
    schema with its revision, as `migrate check` does.
    """
    scope = _scope(collection, sample)
    installed = _check_installation()
    if not as_json:
        _print_installation(installed)
    counts: list[CountDrift] = []
    summaries: list[SummaryDrift] = []
    broken: list[BrokenForeignKey] = []
    try:
        with open_without_time_limits() as conn, _progress(conn, scope) as on_progress:
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
                "broken_foreign_keys": broken,
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
    """Recount counts that drift, and have drifting summaries read live, while writers continue."""
    scope = _scope(collection, sample)
    counts: list[CountDrift] = []
    summaries: list[str] = []
    try:
        with open_without_time_limits() as conn, _progress(conn, scope) as on_progress:
            for repaired in repair_catalogue(conn, scope=scope, on_progress=on_progress):
                counts.extend(repaired.counts)
                summaries.extend(repaired.summaries)
    finally:
        # Repaired batches are committed, even if an error follows.
        if as_json:
            print_json({"repaired": counts, "summaries": summaries})
        else:
            print_count_drift(counts)
            _print_repaired_summaries(summaries)
    if as_json:
        return
    if counts or summaries:
        typer.echo(f"repaired: counts {len(counts):,}, summaries {len(summaries):,}")
    else:
        typer.echo("nothing to repair")


def print_count_drift(drift: list[CountDrift] | tuple[CountDrift, ...]) -> None:
    """Print counts that differ from the truth, if any do."""
    if drift:
        print_table(
            ("counter", "key", "counted", "actual"),
            [(each.counter, each.parent, each.counted, each.actual) for each in drift],
        )


def _print_summary_drift(drift: list[SummaryDrift]) -> None:
    """Print the summaries that differ from the truth, if any do."""
    if drift:
        print_table(
            ("side", "summary", "differs in"),
            [
                (each.side, each.id, each.columns or "the whole row")
                for each in drift[:MOST_SUMMARIES]
            ],
        )
        _print_omitted(len(drift))


def _print_broken_foreign_keys(broken: list[BrokenForeignKey]) -> None:
    """Print the foreign keys that do not hold, if there are any."""
    if broken:
        print_table(
            ("table", "foreign key", "rows without a parent"),
            [(each.table, each.reference, each.rows) for each in broken],
        )
        typer.echo("delete these rows, or restore their parents", err=True)


def _print_repaired_summaries(summaries: list[str]) -> None:
    """Print the ids of the artifacts whose summaries were repaired, if any were."""
    if summaries:
        print_table(("summary",), [(each,) for each in summaries[:MOST_SUMMARIES]])
        _print_omitted(len(summaries))


def _print_omitted(total: int) -> None:
    """Print how many rows were left out, if any were."""
    if total > MOST_SUMMARIES:
        typer.echo(f"and {total - MOST_SUMMARIES:,} more: --json has them all")


def _scope(collection: str | None, sample: int | None) -> Scope:
    if collection is not None and sample is not None:
        message = "a collection is verified whole: leave out --collection or --sample"
        raise typer.BadParameter(message, param_hint="--sample")
    return Scope(collection=collection, sample=sample)


def _check_installation() -> InstallationCheck:
    """Compare the schema with its revision, unless the role or the server does not allow it."""
    # Importing Alembic takes longer than running any other command.
    from skillmeat import migration  # noqa: PLC0415

    try:
        return InstallationCheck(migration.check_schema().differences)
    except (CannotConnect, NotMigrated):
        raise
    except DatabaseError as error:
        return InstallationCheck(not_compared=str(error))


def _print_installation(installation: InstallationCheck) -> None:
    """Print the differences, and print on stderr why the schema was not compared."""
    for each in installation.differences:
        typer.echo(join_lines(f"{each.kind} {each.name}: {each.problem}"))
    if any(each.statements for each in installation.differences):
        typer.echo("run `skillmeat migrate check --fix` to fix them", err=True)
    if installation.not_compared is not None:
        typer.echo(
            join_lines(f"the schema was not compared: {installation.not_compared}"), err=True
        )


@contextmanager
def _progress(conn: Conn, scope: Scope) -> Iterator["OnProgress"]:
    """Show a progress bar whose total is the number of rows to compare."""
    done = 0
    with show_progress("counts") as show:
        total = scope.estimate_rows(conn)

        def advance(what: str, rows: int) -> None:
            nonlocal done
            done += rows
            show(what, done, total)

        yield advance
