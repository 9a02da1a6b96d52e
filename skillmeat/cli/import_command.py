"""`skillmeat import`: read folders into the catalogue."""

from pathlib import Path
from typing import Annotated

import typer

from skillmeat.cli.connections import create_catalogue
from skillmeat.cli.import_report import (
    print_report,
    print_skillmeat_report,
    report_as_json,
    skillmeat_report_as_json,
)
from skillmeat.cli.options import AsJson
from skillmeat.cli.output import print_json, show_progress
from skillmeat.database.connection import connect
from skillmeat.database.time_limits import lift_time_limits
from skillmeat.errors import SourceError
from skillmeat.importer import ImportReport, SkillMeatReport, import_paths, import_skillmeat
from skillmeat.importer.readers import read_sources
from skillmeat.importer.readers.skillmeat import SkillMeatFiles, find_files, read_skillmeat


def import_(  # noqa: PLR0913 - an option each
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="Marketplaces, plugins, Claude homes or projects; SkillMeat's home or its files.",
        ),
    ],
    *,
    default: Annotated[
        bool, typer.Option("--default/--no-default", help="Add every artifact to `default`.")
    ] = True,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove what the source no longer has.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a source with problems.")
    ] = False,
    content: Annotated[
        bool, typer.Option("--content/--no-content", help="Keep the text of each artifact.")
    ] = True,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="List every problem, not three of each kind.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import artifacts from folders in one transaction; a second import changes nothing.

    SkillMeat's own data is imported unchanged: its home ~/.skillmeat, a cache.db, a folder of
    collections, a project's .skillmeat-deployed.toml.
    """
    files, others = _divide_paths(paths)
    if files and prune:
        message = (
            "--prune removes nothing of SkillMeat's own data: "
            "use it with marketplaces and Claude folders only"
        )
        raise SourceError(message)
    create_catalogue(first=lambda: _read_all(files, others))
    skillmeat_report: SkillMeatReport | None = None
    report: ImportReport | None = None
    with (
        connect(autocommit=True) as conn,
        show_progress("reading") as on_progress,
        conn.transaction(),
    ):
        lift_time_limits(conn)
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
                keep_content=content,
                on_progress=on_progress,
            )
    if as_json:
        document = report_as_json(report) if report else {}
        if skillmeat_report:
            document["skillmeat"] = skillmeat_report_as_json(skillmeat_report)
        print_json(document)
        return
    if report:
        print_report(report, is_verbose=verbose)
    if skillmeat_report:
        print_skillmeat_report(skillmeat_report, is_verbose=verbose)


def _divide_paths(paths: list[Path]) -> tuple[SkillMeatFiles, list[Path]]:
    """Return SkillMeat's own files at the paths, and the paths that contain artifacts."""
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
