"""`skillmeat import`."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from skillmeat.cli.import_report import print_skillmeat_report, skillmeat_report_as_json
from skillmeat.cli.output import AsJson, merged, print_json, print_table
from skillmeat.cli.progress import progress_bar
from skillmeat.connection import connect
from skillmeat.errors import SourceError
from skillmeat.importer import (
    ImportReport,
    RowCounts,
    SkillMeatReport,
    import_paths,
    import_skillmeat,
)
from skillmeat.importer.readers import Problem, read_sources
from skillmeat.importer.readers.skillmeat import SkillMeatFiles, find_files, read_skillmeat


def import_(  # noqa: PLR0913 - an option each
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="Marketplaces, plugins, Claude homes or projects; SkillMeat's home or files.",
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
    """Import artifacts from folders, all or nothing; a second time changes nothing.

    What SkillMeat itself keeps arrives as it is: its home ~/.skillmeat, a cache.db, a folder of
    collections, a project's .skillmeat-deployed.toml.
    """
    files, others = divide_paths(paths)
    if files and prune:
        message = (
            "--prune is for marketplaces and Claude folders: nothing of SkillMeat's is removed"
        )
        raise SourceError(message)
    create_catalogue(first=lambda: _read_all(files, others))
    skillmeat_report: SkillMeatReport | None = None
    report: ImportReport | None = None
    with (
        connect(autocommit=True) as conn,
        progress_bar("reading") as on_progress,
        conn.transaction(),
    ):
        if files:
            skillmeat_report = import_skillmeat(
                conn, files, dry_run=dry_run, strict=strict, on_progress=on_progress
            )
        if others or not files:
            report = import_paths(
                conn,
                others,
                join_default=default,
                prune=prune,
                dry_run=dry_run,
                strict=strict,
                on_progress=on_progress,
            )
    if as_json:
        both = report_as_json(report) if report else {}
        print_json(
            both
            | (
                {"skillmeat": skillmeat_report_as_json(skillmeat_report)}
                if skillmeat_report
                else {}
            )
        )
        return
    if report:
        print_report(report)
    if skillmeat_report:
        print_skillmeat_report(skillmeat_report)


def divide_paths(paths: list[Path]) -> tuple[SkillMeatFiles, list[Path]]:
    """Return SkillMeat's own files at the paths, and the paths that hold artifacts."""
    files = SkillMeatFiles()
    others: list[Path] = []
    for path in paths:
        found = find_files(path)
        files += found
        if not found or (not found.is_home and _holds_artifacts(path)):
            others.append(path)
    return files, others


def _holds_artifacts(path: Path) -> bool:
    try:
        return bool(read_sources(path))
    except SourceError:
        return False


def _read_all(files: SkillMeatFiles, others: list[Path]) -> None:
    for path in others:
        read_sources(path)
    if files:
        read_skillmeat(files)


def create_catalogue(*, first: Callable[[], None] = lambda: None) -> None:
    """Migrate a database that has no catalogue yet; one that has is its DBA's to migrate.

    Where there is none, `first` is done before: if it fails, no schema is left behind.
    """
    from skillmeat import migration  # noqa: PLC0415 - slow to import, see cli/migrate.py

    status = migration.status()
    if status.current is None:
        first()
        migration.up()
        typer.echo(f"created the catalogue in schema {status.schema}", err=True)


def print_report(report: ImportReport) -> None:
    """Say what was found, what became of it, and what is wrong with it."""
    skipped = [problem for problem in report.problems if problem.is_skipped]
    noted = [problem for problem in report.problems if not problem.is_skipped]
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
    for heading, problems in (("skipped", skipped), ("imported, but", noted)):
        if problems:
            typer.echo()
            print_table(
                (heading, "reason"), [(problem.path, problem.reason) for problem in problems]
            )
    if report.conflicts:
        typer.echo()
        print_table(
            ("copies differ", "contents", "latest"),
            [(each.artifact_id, each.contents, each.path) for each in report.conflicts],
        )
    typer.echo()
    typer.echo(_outcome(report))


def report_as_json(report: ImportReport) -> dict[str, object]:
    """The report as `--json` prints it."""

    def tally(counted: RowCounts) -> dict[str, object]:
        return merged(counted, unchanged=counted.unchanged)

    document = merged(
        report,
        artifacts=tally(report.artifacts),
        collections=tally(report.collections),
        memberships=tally(report.memberships),
        tags=tally(report.tags),
        flaws=[_problem_as_json(problem) for problem in report.problems],
        changed=report.changed,
    )
    del document["problems"]
    return document


def _problem_as_json(problem: Problem) -> dict[str, object]:
    return {
        "path": problem.path,
        "reason": problem.reason,
        "artifact_id": problem.artifact_id,
        "collection_id": problem.collection_id,
        "skipped": problem.is_skipped,
        "unseen": problem.hides_artifacts,
    }


def _outcome(report: ImportReport) -> str:
    source = ", ".join(report.sources)
    if not report.changed:
        return f"nothing changed: the catalogue agrees with {source}"
    versions = f"{report.versions_added} {'content' if report.versions_added == 1 else 'contents'}"
    if report.dry_run:
        return f"dry run, nothing was written: {versions} of {source} would be new"
    return f"imported {source}: {versions} new"
