"""`skillmeat sources`: the folders that were imported."""

from dataclasses import asdict
from typing import Annotated

import typer

from skillmeat.cli.connections import read
from skillmeat.cli.options import AsJson
from skillmeat.cli.output import format_count, print_json, print_result, print_table
from skillmeat.database.connection import connect
from skillmeat.importer import list_sources, remove_source

app = typer.Typer(no_args_is_help=True, help="List and remove the sources of imports.")


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the imported folders, and what each brought last."""
    sources = read(list_sources)
    if as_json:
        print_json([asdict(source) for source in sources])
        return
    print_table(
        ("source", "kind", "folder", "plugins", "artifacts"),
        [
            (source.name, source.kind, source.root, source.plugins, source.artifacts)
            for source in sources
        ],
    )


@app.command()
def remove(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="Its folder, which may be gone, or its name.")
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove what only this source brought, and forget the source.

    Memberships, tags and artifacts that another source has, or that a person added, stay.
    """
    with connect(autocommit=True) as conn:
        report = remove_source(conn, source, dry_run=dry_run)
    removed = report.removed
    (name,) = report.sources
    done = f"dry run, nothing was written: {name} has" if dry_run else f"removed {name}:"
    message = (
        f"{done} {format_count(removed.artifacts, 'artifact')}, "
        f"{format_count(removed.collections, 'collection')}, "
        f"{format_count(removed.memberships, 'membership')} and "
        f"{format_count(removed.tags, 'tag')} of artifacts"
    )
    document = {"source": name, **asdict(removed), "dry_run": dry_run}
    print_result(message, document, as_json=as_json)
