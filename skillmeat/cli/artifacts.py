"""`skillmeat artifacts`: an artifact is named by its id, `type:name`."""

from typing import Annotated

import typer

from skillmeat.artifacts import Artifact, artifact, delete_artifact, list_artifacts
from skillmeat.cli.output import (
    After,
    AsJson,
    Limit,
    hint_at_next,
    page_of,
    print_fields,
    print_json,
    print_table,
)
from skillmeat.cli.snapshot import snapshot
from skillmeat.cli.text import one_line, shown
from skillmeat.collections import find_collection
from skillmeat.connection import connect
from skillmeat.memberships import unknown_artifacts

app = typer.Typer(no_args_is_help=True, help="List, show and delete artifacts.")


@app.command("list")
def list_(  # noqa: PLR0913 - an option each
    *,
    limit: Limit = 50,
    after: After = None,
    artifact_type: Annotated[
        str | None, typer.Option("--type", help="Only those of this type, such as skill.")
    ] = None,
    collection: Annotated[
        str | None, typer.Option(help="Only those of the collection of this id or name.")
    ] = None,
    tag: Annotated[str | None, typer.Option(help="Only those with the tag of this slug.")] = None,
    as_json: AsJson = False,
) -> None:
    """List artifacts with their collections' exact counts, in the order of their ids."""
    with snapshot() as conn:
        member_of = None if collection is None else find_collection(conn, collection).id
        found = list_artifacts(
            conn, limit=limit, after=after, type=artifact_type, collection=member_of, tag=tag
        )
    if as_json:
        print_json(page_of(found))
        return
    print_artifacts(found.items)
    hint_at_next(found)


@app.command()
def show(artifact_id: str, *, as_json: AsJson = False) -> None:
    """Show an artifact, and the collections that it is in."""
    with snapshot() as conn:
        found = artifact(conn, artifact_id)
    if found is None:
        raise unknown_artifacts([artifact_id])
    if as_json:
        print_json(found)
        return
    print_fields(
        {
            "id": found.id,
            "title": found.title,
            "description": one_line(found.description or "-"),
            "version": found.version,
            "tags": found.tags,
            "author": found.author,
            "license": found.license,
            "source": found.source,
            "origin": found.origin,
            "metadata": found.metadata,
            "added at": found.added_at,
            "updated at": found.updated_at,
        }
    )
    if found.collections:
        typer.echo()
        print_table(
            ("collection", "name", "artifacts"),
            [(c.id, c.name, c.artifact_count) for c in found.collections],
        )


@app.command()
def delete(
    artifact_ids: Annotated[
        list[str], typer.Argument(metavar="ARTIFACT_ID", help="Such as skill:pdf.")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Delete artifacts from the catalogue and every collection: all, or none if one is unknown."""
    chosen = sorted(set(artifact_ids))
    with connect() as conn:
        absent = [each for each in chosen if not delete_artifact(conn, each)]
        if absent:
            raise unknown_artifacts(absent)
    if as_json:
        print_json({"deleted": chosen})
    else:
        typer.echo(f"deleted {', '.join(map(shown, chosen))}")


def print_artifacts(items: tuple[Artifact, ...]) -> None:
    """Print artifacts as a table, the count of each of their collections in brackets."""
    print_table(
        ("id", "version", "collections", "tags"),
        [
            (
                a.id,
                a.version,
                tuple(f"{c.name} ({c.artifact_count})" for c in a.collections),
                a.tags,
            )
            for a in items
        ],
        elastic=True,
    )
