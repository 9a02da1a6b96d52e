"""Print what `skillmeat import` did, for people and as JSON."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, fields
from itertools import groupby
from operator import attrgetter
from typing import Final

import typer

from skillmeat.cli.output import format_count, format_value, print_table, with_fields
from skillmeat.importer import ImportReport, RowCounts, SkillMeatReport
from skillmeat.importer.readers import (
    MOST_EXAMPLES,
    Omission,
    Problem,
    describe_example,
    group_problems,
)
from skillmeat.importer.readers.skillmeat import Note

NAMES: Final = {
    "artifact_tags": "tags of artifacts",
    "group_artifacts": "artifacts in groups",
}
_JSON_KEYS: Final = {"artifact_tags": "taggings", "group_artifacts": "placements"}
# Without --verbose, the report has at most this many reasons, and examples of each.
MOST_GROUPS: Final = 6
# A table shows this many notes with one reason and counts the rest; --json has all of them.
MOST_NAMED: Final = 5
# A table of SkillMeat's report has at most this many rows; names that changed have a reason each.
MOST_ROWS: Final = 20


def print_report(report: ImportReport, *, is_verbose: bool = False) -> None:
    """Print what was found, what was done with it, and its problems in groups with examples."""
    counts_by_name = {
        "artifacts": report.artifacts,
        "collections": report.collections,
        "memberships": report.memberships,
        "tags of artifacts": report.tags,
    }
    removed = asdict(report.removed) | {"tags of artifacts": report.removed.tags}
    skipped = asdict(report.skipped)
    print_table(
        ("", "found", "added", "updated", "unchanged", "removed", "skipped"),
        [
            (
                name,
                counts.found,
                counts.added,
                counts.updated,
                counts.unchanged,
                removed.get(name, 0),
                skipped.get(name, 0),
            )
            for name, counts in counts_by_name.items()
        ],
    )
    most = None if is_verbose else MOST_EXAMPLES
    for heading, is_skipped in (("skipped", True), ("imported with a problem", False)):
        problems = [problem for problem in report.problems if problem.is_skipped == is_skipped]
        if problems:
            typer.echo(f"\n{heading}:")
            _print_groups(problems, most, has_sources=len(report.sources) > 1)
    if report.omissions:
        typer.echo()
        _print_omissions(report.omissions, most, has_sources=len(report.sources) > 1)
    if report.conflicts:
        typer.echo()
        print_table(
            ("copies differ", "contents", "latest"),
            [
                (
                    each.artifact_id,
                    each.contents,
                    each.path
                    if report.sources == (each.source,)
                    else f"{each.path} of {each.source}",
                )
                for each in report.conflicts[:most]
            ],
        )
        _print_rest(len(report.conflicts), most)
    if report.shared:
        typer.echo()
        print_table(
            ("shared collection", "sources"),
            [(each.id, ", ".join(each.sources)) for each in report.shared[:most]],
        )
        _print_rest(len(report.shared), most)
    if report.empty_collections:
        typer.echo(f"\nplugins without artifacts: {len(report.empty_collections):,}")
        for name in report.empty_collections[:most]:
            typer.echo(f"    {format_value(name)}")
        _print_rest(len(report.empty_collections), most, indentation="    ")
    typer.echo()
    typer.echo(_format_outcome(report))


def _print_groups(problems: Iterable[Problem], most: int | None, *, has_sources: bool) -> None:
    groups = group_problems(problems)
    shown = groups if most is None else groups[:MOST_GROUPS]
    for group in shown:
        typer.echo(f"  {format_value(group.title)}")
        for problem in group.problems[:most]:
            example = describe_example(problem, has_sources=has_sources)
            typer.echo(f"      {format_value(example)}")
        _print_rest(len(group.problems), most, indentation="      ")
    others = sum(len(group.problems) for group in groups[len(shown) :])
    if others:
        reasons = len(groups) - len(shown)
        typer.echo(f"  {reasons:,} other reasons ({others:,}); --verbose lists all")


def _print_omissions(omissions: Iterable[Omission], most: int | None, *, has_sources: bool) -> None:
    rows: list[tuple[str, int, str]] = []
    for kind, group in groupby(sorted(omissions, key=attrgetter("kind")), attrgetter("kind")):
        paths = [
            f"{omission.source}: {omission.path}" if has_sources else omission.path
            for omission in group
        ]
        if most is None:
            rows += [(kind, 1, path) for path in paths]
        else:
            rows.append((kind, len(paths), ", ".join(paths[:1])))
    print_table(("not imported", "files", "first" if most else "path"), rows)


def _print_rest(count: int, most: int | None, *, indentation: str = "") -> None:
    if most is not None and count > most:
        typer.echo(f"{indentation}and {count - most:,} more; --verbose lists all")


def report_as_json(report: ImportReport) -> dict[str, object]:
    """Return the report as `--json` prints it."""

    def counts(counted: RowCounts) -> dict[str, object]:
        return with_fields(counted, unchanged=counted.unchanged)

    return with_fields(
        report,
        artifacts=counts(report.artifacts),
        collections=counts(report.collections),
        memberships=counts(report.memberships),
        tags=counts(report.tags),
        problems=[_problem_as_json(problem) for problem in report.problems],
        changed=report.changed,
    )


def print_skillmeat_report(report: SkillMeatReport, *, is_verbose: bool = False) -> None:
    """Print what was found, what was done with it, and whether the counts agree with the source."""
    counts_by_name: list[tuple[str, RowCounts]] = [
        (NAMES.get(field.name, field.name), getattr(report.tables, field.name))
        for field in fields(report.tables)
    ]
    print_table(
        ("", "found", "added", "updated", "unchanged"),
        [
            (name, counts.found, counts.added, counts.updated, counts.unchanged)
            for name, counts in counts_by_name
        ],
    )
    for heading, notes in (("adjusted", report.adjusted), ("not imported", report.not_imported)):
        if notes:
            typer.echo()
            rows = _shorten(notes, None if is_verbose else MOST_NAMED)
            most = None if is_verbose else MOST_ROWS
            print_table((heading, "reason"), rows[:most])
            _print_rest(len(rows), most)
    if report.differences:
        typer.echo()
        most = None if is_verbose else MOST_ROWS
        print_table(
            ("count differs", "kind", "source", "catalogue", "reason"),
            [
                (each.name, each.kind, each.source, each.here, each.why)
                for each in report.differences[:most]
            ],
        )
        _print_rest(len(report.differences), most)
    typer.echo()
    typer.echo(_format_agreement(report))
    if not report.changed:
        typer.echo("nothing changed: the catalogue agrees with SkillMeat")
    elif report.dry_run:
        typer.echo("dry run, nothing was written")


def skillmeat_report_as_json(report: SkillMeatReport) -> dict[str, object]:
    """Return the report on SkillMeat's own data as `--json` prints it."""
    counts = {
        _JSON_KEYS.get(field.name, field.name): with_fields(counts, unchanged=counts.unchanged)
        for field in fields(report.tables)
        for counts in (getattr(report.tables, field.name),)
    }
    return {
        "kinds": counts,
        "compared": dict(report.compared),
        "differing": [{**asdict(each), "why": each.why} for each in report.differences],
        "not_imported": [asdict(note) for note in report.not_imported],
        "adjusted": [asdict(note) for note in report.adjusted],
        "dry_run": report.dry_run,
        "changed": report.changed,
    }


def _problem_as_json(problem: Problem) -> dict[str, object]:
    return {
        "source": problem.source,
        "path": problem.path,
        "reason": problem.reason,
        "detail": problem.detail,
        "advice": problem.advice,
        "artifact_id": problem.artifact_id,
        "collection_id": problem.collection_id,
        "skipped": problem.is_skipped,
        "unseen": problem.hides_artifacts,
    }


def _format_outcome(report: ImportReport) -> str:
    source = ", ".join(report.sources)
    if not report.changed:
        return f"nothing changed: the catalogue agrees with {source}"
    versions = format_count(report.versions_added, "new version")
    if report.contents_added:
        versions += f", {format_count(report.contents_added, 'new text')}"
    if report.tags_respelled:
        versions += f", {format_count(report.tags_respelled, 'respelled tag')}"
    if report.dry_run:
        return f"dry run, nothing was written: {source} has {versions}"
    return f"imported {source}: {versions}"


def _format_agreement(report: SkillMeatReport) -> str:
    agreeing = report.compared - Counter(each.kind for each in report.differences)
    kinds = [
        f"{agreeing[kind]} of {format_count(found, kind)}"
        for kind, found in sorted(report.compared.items())
    ]
    if not kinds:
        return "the source has no collection to compare"
    verb = "agrees" if list(report.compared.values()) == [1] else "agree"
    return f"{' and '.join(kinds)} {verb} with the source"


def _shorten(notes: Iterable[Note], most: int | None) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for reason, group in groupby(sorted(notes, key=attrgetter("reason")), attrgetter("reason")):
        same = [note.what for note in group]
        rows += [(what, reason) for what in same[:most]]
        if most is not None and len(same) > most:
            rows.append((f"and {len(same) - most:,} more", reason))
    return rows
