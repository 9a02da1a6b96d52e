"""`skillmeat artifacts`: each command names artifacts by their ids, `type:name`."""

from datetime import timedelta
from functools import partial
from typing import Annotated

import typer

from skillmeat.catalogue import (
    Artifact,
    Page,
    StalePage,
    delete_artifact,
    get_artifact,
    list_artifacts,
    list_artifacts_stale,
)
from skillmeat.cli.connections import read
from skillmeat.cli.contents import VERSION_HELP, diff, show_content
from skillmeat.cli.filters import check_filters
from skillmeat.cli.options import (
    After,
    ArtifactIds,
    ArtifactType,
    AsJson,
    Before,
    InCollection,
    Limit,
    Search,
    WithTag,
)
from skillmeat.cli.output import (
    format_value,
    join_lines,
    page_as_json,
    print_fields,
    print_json,
    print_next_cursor,
    print_previous_cursor,
    print_result,
    print_table,
)
from skillmeat.database.connection import connect
from skillmeat.database.query import Conn
from skillmeat.errors import UnknownArtifact

# About 32 years.
MOST_SECONDS = 10**9

app = typer.Typer(no_args_is_help=True, help="List, show, compare and delete artifacts.")


@app.command("list")
def list_(  # noqa: PLR0913 - an option each
    *,
    limit: Limit = 50,
    after: After = None,
    before: Before = None,
    artifact_type: ArtifactType = None,
    collection: InCollection = None,
    tag: WithTag = None,
    search: Search = None,
    stale: Annotated[
        int | None,
        typer.Option(
            metavar="SECONDS",
            min=0,
            max=MOST_SECONDS,
            help="Read only the snapshot, and fail if it is older than this.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List artifacts by id, each with the exact counts of its collections."""
    if stale is not None:
        if (collection, tag, search) != (None, None, None):
            message = "only the snapshot is read: leave out --collection, --tag and --search"
            raise typer.BadParameter(message, param_hint="--stale")

        def list_stale(conn: Conn) -> StalePage:
            check_filters(conn, artifact_type=artifact_type)
            return list_artifacts_stale(
                conn,
                limit=limit,
                after=after,
                before=before,
                type=artifact_type,
                max_age=timedelta(seconds=stale),
            )

        _print_stale_page(read(list_stale), as_json=as_json)
        return

    def list_exact(conn: Conn) -> Page[Artifact]:
        member_of = check_filters(conn, artifact_type=artifact_type, collection=collection, tag=tag)
        return list_artifacts(
            conn,
            limit=limit,
            after=after,
            before=before,
            type=artifact_type,
            collection=member_of,
            tag=tag,
            search=search,
        )

    page = read(list_exact)
    if as_json:
        print_json(page_as_json(page))
        return
    print_artifacts(page.items)
    if page.total is not None:
        typer.echo(f"{len(page.items)} of {page.total}", err=True)
    print_next_cursor(page)
    print_previous_cursor(page)


@app.command()
def show(
    artifact_id: str,
    *,
    content: Annotated[
        bool, typer.Option("--content", help="Show the text that was imported.")
    ] = False,
    version: Annotated[
        str | None,
        typer.Option(metavar="VERSION", help=f"Show the text of this version: {VERSION_HELP}."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show an artifact and the collections that hold it, or its text.

    The text's control characters are escaped; --json has it unchanged.
    """
    if content:
        show_content(artifact_id, version, as_json=as_json)
        return
    if version is not None:
        message = "an artifact is shown with its newest version: add --content"
        raise typer.BadParameter(message, param_hint="--version")
    artifact = read(partial(get_artifact, id=artifact_id))
    if artifact is None:
        raise UnknownArtifact.from_ids(artifact_id)
    if as_json:
        print_json(artifact)
        return
    print_fields(
        {
            "id": artifact.id,
            "title": artifact.title,
            "description": join_lines(artifact.description or "-"),
            "version": artifact.version,
            "tags": artifact.tags,
            "author": artifact.author,
            "license": artifact.license,
            "source": artifact.source,
            "origin": artifact.origin,
            "metadata": artifact.metadata,
            "added at": artifact.added_at,
            "updated at": artifact.updated_at,
        }
    )
    if artifact.collections:
        typer.echo()
        print_table(
            ("collection", "name", "artifacts"),
            [(c.id, c.name, c.artifact_count) for c in artifact.collections],
        )


app.command()(diff)


@app.command()
def delete(
    artifact_ids: ArtifactIds,
    *,
    as_json: AsJson = False,
) -> None:
    """Delete artifacts, also from their collections; delete none if one is unknown."""
    chosen = sorted(set(artifact_ids))
    with connect() as conn:
        absent = [each for each in chosen if not delete_artifact(conn, each)]
        if absent:
            raise UnknownArtifact.from_ids(*absent)
    message = f"deleted {', '.join(map(format_value, chosen))}"
    print_result(message, {"deleted": chosen}, as_json=as_json)


def print_artifacts(items: tuple[Artifact, ...]) -> None:
    """Print artifacts as a table, with the count of each collection in brackets."""
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


def _print_stale_page(page: StalePage, *, as_json: bool) -> None:
    age = page.age.total_seconds()
    if as_json:
        print_json({**page_as_json(page), "age_seconds": age})
        return
    print_table(
        ("id", "version", "collections", "tags"),
        [(a.id, a.version, a.collection_ids, a.tags) for a in page.items],
        elastic=True,
    )
    typer.echo(f"at most {age:.3f} s old", err=True)
    print_next_cursor(page)
    print_previous_cursor(page)
