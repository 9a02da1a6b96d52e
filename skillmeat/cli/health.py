"""`skillmeat verify` and `repair`."""

import typer

from skillmeat.cli.exits import EXIT_REFUSED
from skillmeat.cli.output import AsJson, print_json, print_table
from skillmeat.cli.snapshot import snapshot
from skillmeat.connection import connect
from skillmeat.health import Drift, SummaryDrift, drift, repair_summaries, summary_drift
from skillmeat.health import repair as repair_counts

# What is still a table to read.
MOST_SUMMARIES = 20


def verify(*, as_json: AsJson = False) -> None:
    """Compare all counts and summaries with the truth: exit 0 if healthy, else 1 and what differs.

    Reads the whole catalogue.
    """
    with snapshot() as conn:
        counts = drift(conn)
        summaries = summary_drift(conn)
    healthy = not counts and not summaries
    if as_json:
        print_json({"healthy": healthy, "drift": counts, "summary_drift": summaries})
    elif healthy:
        typer.echo("healthy")
    if counts and not as_json:
        print_drift(counts)
    if summaries and not as_json:
        print_summary_drift(summaries)
    if not healthy:
        raise typer.Exit(EXIT_REFUSED)


def repair(*, as_json: AsJson = False) -> None:
    """Recount what differs from COUNT(*), and have summaries that drift read live: nobody waits."""
    # Recounted rows are free again before all summaries are read.
    with connect(autocommit=True) as conn:
        counts = repair_counts(conn)
        if counts and not as_json:
            print_drift(counts)
        summaries = repair_summaries(conn)
    if as_json:
        print_json({"mended": counts, "summaries": summaries})
        return
    if summaries:
        print_table(("summary",), [(each,) for each in summaries[:MOST_SUMMARIES]])
        print_rest(len(summaries))
    if counts or summaries:
        typer.echo(f"mended: counts {len(counts)}, summaries {len(summaries)}")
    else:
        typer.echo("nothing to mend")


def print_drift(found: tuple[Drift, ...]) -> None:
    """Print counts that differ from the truth."""
    print_table(
        ("counter", "which", "says", "true"),
        [(each.counter, each.parent, each.counted, each.actual) for each in found],
    )


def print_summary_drift(found: tuple[SummaryDrift, ...]) -> None:
    """Print rows in which summaries differ from the truth: one wrong count is in thousands."""
    print_table(
        ("side", "summary", "differs in"),
        [(each.side, each.id, each.columns or "all of it") for each in found[:MOST_SUMMARIES]],
    )
    print_rest(len(found))


def print_rest(found: int) -> None:
    """Say how many were not printed, if any were not."""
    if found > MOST_SUMMARIES:
        typer.echo(f"and {found - MOST_SUMMARIES:,} more: --json has them all")
