"""How `skillmeat import` says what became of SkillMeat's own data."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, fields
from itertools import groupby
from operator import attrgetter
from typing import Final

import typer

from skillmeat.cli.output import merged, print_table
from skillmeat.importer import RowCounts, SkillMeatReport
from skillmeat.importer.readers.skillmeat import Note

NAMES: Final = {
    "artifact_tags": "tags of artifacts",
    "group_artifacts": "artifacts in groups",
}
_JSON_KEYS: Final = {"artifact_tags": "taggings", "group_artifacts": "placements"}
# So many things with one reason are named, the others counted; --json has them all.
NAMED: Final = 5


def print_skillmeat_report(report: SkillMeatReport) -> None:
    """Say what was found, what became of it, and whether the counts are the source's."""
    tallies: list[tuple[str, RowCounts]] = [
        (NAMES.get(field.name, field.name), getattr(report.tables, field.name))
        for field in fields(report.tables)
    ]
    print_table(
        ("", "found", "added", "updated", "unchanged"),
        [
            (name, tally.found, tally.added, tally.updated, tally.unchanged)
            for name, tally in tallies
        ],
    )
    for heading, notes in (("mended", report.adjusted), ("left", report.not_imported)):
        if notes:
            typer.echo()
            print_table((heading, "reason"), _shortened(notes))
    if report.differences:
        typer.echo()
        print_table(
            ("holds another number", "", "source", "here", "because"),
            [
                (each.name, each.kind, each.source, each.here, each.why)
                for each in report.differences
            ],
        )
    typer.echo()
    typer.echo(_agreement(report))
    if not report.changed:
        typer.echo("nothing changed: the catalogue agrees with SkillMeat")
    elif report.dry_run:
        typer.echo("dry run, nothing was written")


def _agreement(report: SkillMeatReport) -> str:
    agreeing = report.compared - Counter(each.kind for each in report.differences)
    kinds = [
        f"{agreeing[kind]} of {found} {kind}s" for kind, found in sorted(report.compared.items())
    ]
    if not kinds:
        return "the source has no collection whose count could be compared"
    return f"{' and '.join(kinds)} hold what the source says"


def skillmeat_report_as_json(report: SkillMeatReport) -> dict[str, object]:
    """The same as `--json` prints it."""
    counts = {
        _JSON_KEYS.get(field.name, field.name): merged(tally, unchanged=tally.unchanged)
        for field in fields(report.tables)
        for tally in (getattr(report.tables, field.name),)
    }
    return {
        "kinds": counts,
        "compared": dict(report.compared),
        "differing": [{**asdict(each), "why": each.why} for each in report.differences],
        "left": [asdict(note) for note in report.not_imported],
        "mended": [asdict(note) for note in report.adjusted],
        "dry_run": report.dry_run,
        "changed": report.changed,
    }


def _shortened(notes: Iterable[Note]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for reason, group in groupby(sorted(notes, key=attrgetter("reason")), attrgetter("reason")):
        same = [note.what for note in group]
        rows += [(what, reason) for what in same[:NAMED]]
        if len(same) > NAMED:
            rows.append((f"and {len(same) - NAMED:,} more", reason))
    return rows
