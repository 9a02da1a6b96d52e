"""How `skillmeat import` says what became of SkillMeat's own data."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, fields
from itertools import groupby
from operator import attrgetter
from typing import Final

import typer

from skillmeat.cli.output import merged, print_table
from skillmeat.importer import Adopted, RowCounts
from skillmeat.importer.readers.skillmeat import Note

NAMES: Final = {
    "taggings": "tags of artifacts",
    "placements": "artifacts in groups",
}
# So many things with one reason are named, the others counted; --json has them all.
NAMED: Final = 5


def print_adopted(adopted: Adopted) -> None:
    """Say what was found, what became of it, and whether the counts are the source's."""
    tallies: list[tuple[str, RowCounts]] = [
        (NAMES.get(field.name, field.name), getattr(adopted.kinds, field.name))
        for field in fields(adopted.kinds)
    ]
    print_table(
        ("", "found", "added", "updated", "unchanged"),
        [
            (name, tally.found, tally.added, tally.updated, tally.unchanged)
            for name, tally in tallies
        ],
    )
    for heading, notes in (("mended", adopted.mended), ("left", adopted.left)):
        if notes:
            typer.echo()
            print_table((heading, "reason"), _shortened(notes))
    if adopted.differing:
        typer.echo()
        print_table(
            ("holds another number", "", "source", "here", "because"),
            [
                (each.name, each.kind, each.source, each.here, each.why)
                for each in adopted.differing
            ],
        )
    typer.echo()
    typer.echo(_agreement(adopted))
    if not adopted.changed:
        typer.echo("nothing changed: the catalogue agrees with SkillMeat")
    elif adopted.dry_run:
        typer.echo("dry run, nothing was written")


def _agreement(adopted: Adopted) -> str:
    agreeing = adopted.compared - Counter(each.kind for each in adopted.differing)
    kinds = [
        f"{agreeing[kind]} of {found} {kind}s" for kind, found in sorted(adopted.compared.items())
    ]
    if not kinds:
        return "the source has no collection whose count could be compared"
    return f"{' and '.join(kinds)} hold what the source says"


def adopted_as_json(adopted: Adopted) -> dict[str, object]:
    """The same as `--json` prints it."""
    kinds = {
        field.name: merged(tally, unchanged=tally.unchanged)
        for field in fields(adopted.kinds)
        for tally in (getattr(adopted.kinds, field.name),)
    }
    differing = [{**asdict(each), "why": each.why} for each in adopted.differing]
    return merged(
        adopted,
        kinds=kinds,
        compared=dict(adopted.compared),
        differing=differing,
        changed=adopted.changed,
    )


def _shortened(notes: Iterable[Note]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for reason, group in groupby(sorted(notes, key=attrgetter("reason")), attrgetter("reason")):
        same = [note.what for note in group]
        rows += [(what, reason) for what in same[:NAMED]]
        if len(same) > NAMED:
            rows.append((f"and {len(same) - NAMED:,} more", reason))
    return rows
