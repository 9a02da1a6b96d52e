"""`skillmeat collections`: each command names a collection by its id, or else by its name."""

import sys
from functools import partial
from typing import Annotated

import typer

from skillmeat.catalogue import (
    Artifact,
    Collection,
    Group,
    Page,
    add_artifacts,
    create_collection,
    delete_collection,
    edit_collection,
    find_collection,
    list_artifacts,
    list_collections,
    list_groups,
    remove_artifacts,
)
from skillmeat.cli.connections import read
from skillmeat.cli.errors import EXIT_FAILED
from skillmeat.cli.options import After, ArtifactIds, AsJson, IdOrName, Limit, NameSearch
from skillmeat.cli.output import (
    format_count,
    format_value,
    forward_page_as_json,
    join_lines,
    print_fields,
    print_json,
    print_next_cursor,
    print_result,
    print_table,
    with_fields,
)
from skillmeat.database.connection import connect
from skillmeat.database.query import Conn
from skillmeat.errors import SkillMeatError, UnknownCollection

app = typer.Typer(no_args_is_help=True, help="List, show and edit collections.")


@app.command("list")
def list_(
    *,
    limit: Limit = 50,
    after: After = None,
    search: NameSearch = None,
    as_json: AsJson = False,
) -> None:
    """List collections by id, with their exact counts."""
    page = read(partial(list_collections, limit=limit, after=after, search=search))
    if as_json:
        print_json(forward_page_as_json(page))
        return
    print_collections(page.items)
    print_next_cursor(page)


@app.command()
def show(
    id_or_name: IdOrName, *, limit: Limit = 50, after: After = None, as_json: AsJson = False
) -> None:
    """Show a collection, its groups, and a page of its artifacts."""

    def read_all(conn: Conn) -> tuple[Collection, tuple[Group, ...], Page[Artifact]]:
        collection = find_collection(conn, id_or_name)
        groups = list_groups(conn, collection.id)
        return (
            collection,
            groups,
            list_artifacts(conn, limit=limit, after=after, collection=collection.id),
        )

    collection, groups, artifacts = read(read_all)
    if as_json:
        print_json(
            with_fields(collection, groups=groups, artifacts=forward_page_as_json(artifacts))
        )
        return
    print_fields(
        {
            "id": collection.id,
            "name": collection.name,
            "description": join_lines(collection.description or "-"),
            "created by": collection.created_by,
            "type": collection.collection_type,
            "category": collection.context_category,
            "source": collection.source,
            "artifacts": collection.artifact_count,
            "groups": collection.group_count,
            "created at": collection.created_at,
            "updated at": collection.updated_at,
        }
    )
    if groups:
        typer.echo()
        print_table(
            ("group", "name", "artifacts", "description"),
            [(g.id, g.name, g.artifact_count, join_lines(g.description or "-")) for g in groups],
            elastic=True,
        )
    if artifacts.items:
        typer.echo()
        print_table(
            ("artifact", "version", "description"),
            [(a.id, a.version, join_lines(a.description or "-")) for a in artifacts.items],
            elastic=True,
        )
    print_next_cursor(artifacts)


@app.command()
def create(  # noqa: PLR0913 - an option each
    name: str,
    *,
    chosen_id: Annotated[
        str | None, typer.Option("--id", help="Its id; 32 random hex digits by default.")
    ] = None,
    description: str | None = None,
    created_by: str | None = None,
    collection_type: Annotated[str | None, typer.Option("--type")] = None,
    context_category: Annotated[str | None, typer.Option("--category")] = None,
    as_json: AsJson = False,
) -> None:
    """Create an empty collection."""
    with connect() as conn:
        created = create_collection(
            conn,
            name=name,
            id=chosen_id,
            description=description,
            created_by=created_by,
            collection_type=collection_type,
            context_category=context_category,
        )
    print_result(f"created {_format_name(created)}", created, as_json=as_json)


@app.command()
def rename(id_or_name: IdOrName, new_name: str, *, as_json: AsJson = False) -> None:
    """Rename a collection; its id stays the same."""
    with connect() as conn:
        renamed = edit_collection(conn, find_collection(conn, id_or_name).id, name=new_name)
    print_result(f"renamed to {_format_name(renamed)}", renamed, as_json=as_json)


@app.command()
def delete(
    id_or_name: IdOrName,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a collection and its groups; its artifacts stay.

    Ask first if the collection is `default` or has artifacts or groups.
    """
    with connect(autocommit=True) as conn:
        collection = find_collection(conn, id_or_name)
        # No transaction is open while the user thinks.
        if not yes and _holds_something(collection):
            _confirm_deletion(collection)
        if not delete_collection(conn, collection.id):
            raise UnknownCollection.from_ids(id_or_name)
    message = f"deleted {_format_name(collection)}"
    print_result(message, {"deleted": collection.id}, as_json=as_json)


@app.command()
def add(id_or_name: IdOrName, artifact_ids: ArtifactIds, *, as_json: AsJson = False) -> None:
    """Add artifacts to a collection; add none if one is unknown."""
    with connect() as conn:
        collection = find_collection(conn, id_or_name)
        done = add_artifacts(conn, collection.id, artifact_ids)
    message = (
        f"{done.added} added, {done.already_present} already there: "
        f"{_format_name(collection)} has {done.artifact_count}"
    )
    print_result(message, with_fields(done, collection=collection.id), as_json=as_json)


@app.command()
def remove(id_or_name: IdOrName, artifact_ids: ArtifactIds, *, as_json: AsJson = False) -> None:
    """Remove artifacts from a collection and its groups; the artifacts stay."""
    with connect() as conn:
        collection = find_collection(conn, id_or_name)
        removed = remove_artifacts(conn, collection.id, artifact_ids)
        absent = len(set(artifact_ids)) - removed
    message = f"{removed} removed, {absent} not in {_format_name(collection)}"
    document = {"removed": removed, "absent": absent, "collection": collection.id}
    print_result(message, document, as_json=as_json)


def _holds_something(collection: Collection) -> bool:
    return collection.id == "default" or collection.artifact_count > 0 or collection.group_count > 0


def _confirm_deletion(collection: Collection) -> None:
    """Ask on a terminal; elsewhere, refuse."""
    held = (
        f"{format_count(collection.artifact_count, 'artifact')} and "
        f"{format_count(collection.group_count, 'group')}"
    )
    if not sys.stdin.isatty():
        message = f"{_format_name(collection)} has {held}: repeat the command with --yes"
        raise SkillMeatError(message)
    question = f"{_format_name(collection)} has {held}, and the artifacts stay. Delete it?"
    if not typer.confirm(question, err=True):
        raise typer.Exit(EXIT_FAILED)


def print_collections(items: tuple[Collection, ...]) -> None:
    """Print collections as a table."""
    print_table(
        ("id", "name", "artifacts", "groups", "description"),
        [
            (c.id, c.name, c.artifact_count, c.group_count, join_lines(c.description or "-"))
            for c in items
        ],
        elastic=True,
    )


def _format_name(collection: Collection) -> str:
    return f"{format_value(collection.name)} ({format_value(collection.id)})"
