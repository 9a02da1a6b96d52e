"""`skillmeat verify` and `repair`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from psycopg import IsolationLevel

from skillmeat.cli.exits import EXIT_REFUSED
from skillmeat.cli.installation import installation, print_installation
from skillmeat.cli.migrate import difference_as_json
from skillmeat.cli.output import AsJson, print_json, print_table
from skillmeat.cli.progress import progress_bar
from skillmeat.connection import connect
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


def verify(
    *, collection: Collection = None, sample: Sample = None, as_json: AsJson = False
) -> None:
    """Compare all counts and summaries with the truth: exit 0 if healthy, else 1 and what differs.

    Reads the whole catalogue, a part at a time: nobody waits for it. Compares what is installed,
    too, as `migrate check` does.
    """
    scope = _scope(collection, sample)
    installed = installation()
    if not as_json:
        print_installation(installed)
    counts: list[CountDrift] = []
    summaries: list[SummaryDrift] = []
    broken: list[BrokenForeignKey] = []
    try:
        with _at_work() as conn, _progress(conn, scope) as on_progress:
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
            print_drift(counts)
            print_summary_drift(summaries)
            print_dangling(broken)
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
        raise typer.Exit(EXIT_REFUSED)


def repair(
    *, collection: Collection = None, sample: Sample = None, as_json: AsJson = False
) -> None:
    """Recount what differs from COUNT(*), and have summaries that drift read live: nobody waits."""
    scope = _scope(collection, sample)
    counts: list[CountDrift] = []
    summaries: list[str] = []
    try:
        with _at_work() as conn, _progress(conn, scope) as on_progress:
            for mended in repair_catalogue(conn, scope=scope, on_progress=on_progress):
                counts.extend(mended.counts)
                summaries.extend(mended.summaries)
    finally:
        # What was mended stays so, whatever came after.
        if as_json:
            print_json({"mended": counts, "summaries": summaries})
        else:
            print_drift(counts)
            print_mended(summaries)
    if as_json:
        return
    if counts or summaries:
        typer.echo(f"mended: counts {len(counts):,}, summaries {len(summaries):,}")
    else:
        typer.echo("nothing to mend")


def print_drift(found: list[CountDrift] | tuple[CountDrift, ...]) -> None:
    """Print counts that differ from the truth, if any do."""
    if found:
        print_table(
            ("counter", "which", "says", "true"),
            [(each.counter, each.parent, each.counted, each.actual) for each in found],
        )


def print_summary_drift(found: list[SummaryDrift]) -> None:
    """Print rows in which summaries differ from the truth, if any do."""
    if found:
        print_table(
            ("side", "summary", "differs in"),
            [(each.side, each.id, each.columns or "all of it") for each in found[:MOST_SUMMARIES]],
        )
        print_rest(len(found))


def print_dangling(found: list[BrokenForeignKey]) -> None:
    """Print the foreign keys that do not hold, if any do not."""
    if found:
        print_table(
            ("table", "foreign key", "rows that refer to nothing"),
            [(each.table, each.reference, each.rows) for each in found],
        )
        typer.echo("delete these rows, or restore what they refer to", err=True)


def print_mended(summaries: list[str]) -> None:
    """Print the ids of artifacts whose summaries were mended, if any were."""
    if summaries:
        print_table(("summary",), [(each,) for each in summaries[:MOST_SUMMARIES]])
        print_rest(len(summaries))


def print_rest(found: int) -> None:
    """Say how many were not printed, if any were not."""
    if found > MOST_SUMMARIES:
        typer.echo(f"and {found - MOST_SUMMARIES:,} more: --json has them all")


def _scope(collection: str | None, sample: int | None) -> Scope:
    if collection is not None and sample is not None:
        message = "a collection is verified whole: leave out --collection or --sample"
        raise typer.BadParameter(message, param_hint="--sample")
    return Scope(collection=collection, sample=sample)


@contextmanager
def _at_work() -> Iterator[Conn]:
    with connect(autocommit=True) as conn:
        conn.isolation_level = IsolationLevel.READ_COMMITTED
        # Time limits are meant for those who keep others waiting.
        conn.execute("set statement_timeout = 0")
        yield conn


@contextmanager
def _progress(conn: Conn, scope: Scope) -> Iterator["OnProgress"]:
    """A bar that knows how much there is to look at, if somebody can see it."""
    with progress_bar("counts") as show:
        total = scope.estimate_rows(conn)
        yield partial(_advance, show, total, [0])


def _advance(
    show: Callable[[str, int, int | None], None],
    total: int | None,
    done: list[int],
    what: str,
    more: int,
) -> None:
    done[0] += more
    show(what, done[0], total)
