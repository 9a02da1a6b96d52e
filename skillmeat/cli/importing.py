"""`skillmeat import`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from skillmeat import migration
from skillmeat.cli.output import AsJson, merged, print_json, print_table
from skillmeat.cli.progress import progress_bar
from skillmeat.connection import connect
from skillmeat.importing import Report, Tally, import_paths


def import_(  # noqa: PLR0913 - an option each
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...", help="Plugin marketplaces, plugins, Claude homes or projects."
        ),
    ],
    *,
    default: Annotated[
        bool, typer.Option("--default/--no-default", help="Let every artifact join `default`.")
    ] = True,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove what the source no longer has.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show, and write nothing.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a source with any flaw.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import artifacts from folders, all or nothing; a second time changes nothing."""
    create_catalogue()
    with connect(autocommit=True) as conn, progress_bar("reading") as on_progress:
        report = import_paths(
            conn,
            paths,
            join_default=default,
            prune=prune,
            dry_run=dry_run,
            strict=strict,
            on_progress=on_progress,
        )
    if as_json:
        print_json(report_as_json(report))
    else:
        print_report(report)


def create_catalogue() -> None:
    """Migrate a database that has no catalogue yet; one that has is its DBA's to migrate."""
    status = migration.status()
    if status.current is None:
        migration.up()
        typer.echo(f"created the catalogue in schema {status.schema}", err=True)


def print_report(report: Report) -> None:
    """Say what was found, what became of it, and what is wrong with it."""
    skipped = [flaw for flaw in report.flaws if flaw.skipped]
    noted = [flaw for flaw in report.flaws if not flaw.skipped]
    tallies = {
        "artifacts": report.artifacts,
        "collections": report.collections,
        "memberships": report.memberships,
        "tags of artifacts": report.tags,
    }
    removed = asdict(report.removed)
    print_table(
        ("", "found", "added", "updated", "unchanged", "removed", "skipped"),
        [
            (
                name,
                tally.found,
                tally.added,
                tally.updated,
                tally.unchanged,
                removed.get(name, 0),
                len(skipped) if name == "artifacts" else 0,
            )
            for name, tally in tallies.items()
        ],
    )
    for heading, flaws in (("skipped", skipped), ("imported, but", noted)):
        if flaws:
            typer.echo()
            print_table((heading, "reason"), [(flaw.path, flaw.reason) for flaw in flaws])
    if report.conflicts:
        typer.echo()
        print_table(
            ("copies differ", "contents", "latest"),
            [(each.artifact_id, each.contents, each.path) for each in report.conflicts],
        )
    typer.echo()
    typer.echo(_outcome(report))


def report_as_json(report: Report) -> dict[str, object]:
    """The report as `--json` prints it."""

    def tally(counted: Tally) -> dict[str, object]:
        return merged(counted, unchanged=counted.unchanged)

    return merged(
        report,
        artifacts=tally(report.artifacts),
        collections=tally(report.collections),
        memberships=tally(report.memberships),
        tags=tally(report.tags),
        changed=report.changed,
    )


def _outcome(report: Report) -> str:
    source = ", ".join(report.sources)
    if not report.changed:
        return f"nothing changed: the catalogue agrees with {source}"
    versions = f"{report.versions_added} {'content' if report.versions_added == 1 else 'contents'}"
    if report.dry_run:
        return f"dry run, nothing was written: {versions} of {source} would be new"
    return f"imported {source}: {versions} new"
