"""Artifacts: read one or a page, each with its tags, version and collections; delete."""

from typing import Final

from psycopg.sql import SQL

from skillmeat.catalogue._artifact_page import document_statement, rows_statement
from skillmeat.catalogue._rows import COLUMNS, VALUES, Artifact, CollectionCount, artifacts_of
from skillmeat.catalogue.pagination import Page, build_page, build_page_parameters, encode_cursor
from skillmeat.query import Conn, affected, all_values, document

__all__ = [
    "Artifact",
    "CollectionCount",
    "artifact",
    "artifact_json",
    "delete_artifact",
    "list_artifacts",
    "list_artifacts_json",
]

READ: Final = SQL("select {} from artifact_summaries as s where s.id = %(id)s").format(VALUES)


def artifact(conn: Conn, id: str) -> Artifact | None:  # noqa: A002
    """Read one artifact, or None."""
    found = artifacts_of(all_values(conn, READ, {"id": id}))
    return found[0] if found else None


READ_JSON: Final = SQL(
    """
    select convert_to(row_to_json(item)::text, 'UTF8')
    from (select {} from artifact_summaries as s where s.id = %(id)s) as item
    """
).format(COLUMNS)


def artifact_json(conn: Conn, id: str) -> bytes | None:  # noqa: A002
    """Read one artifact as a JSON object, in UTF-8, made by the database; or None.

    Its keys are the columns of `artifact_summaries`; times are in ISO 8601.
    """
    return document(conn, READ_JSON, {"id": id})


def list_artifacts(  # noqa: PLR0913 - a filter each
    conn: Conn,
    *,
    limit: int = 50,
    after: str | None = None,
    before: str | None = None,
    type: str | None = None,  # noqa: A002
    collection: str | None = None,
    tag: str | None = None,
    search: str | None = None,
) -> Page[Artifact]:
    """Read a page of artifacts by id, after the cursor `after` or the last ones before `before`.

    `type`, `collection` (an id), `tag` (a slug) and `search` (words or a piece of a name) keep
    what has all that is given; a search puts first what fits best. The total is exact, and known
    for one type, collection or tag and for all artifacts. Raises `InvalidValue`.
    """
    values = build_page_parameters(
        limit=limit,
        after=after,
        before=before,
        search=search,
        type=type,
        collection=collection,
        tag=tag,
    )
    rows = all_values(conn, rows_statement(frozenset(values), limit), values)
    total, _, first_id, *_ = rows[0]
    return build_page(
        rows if first_id is not None else [],
        limit=limit,
        after=after,
        before=before,
        get_cursor=lambda row: encode_cursor(rank=row[1], id=row[2]),
        build_items=artifacts_of,
        total=total,
    )


def list_artifacts_json(  # noqa: PLR0913 - a filter each
    conn: Conn,
    *,
    limit: int = 50,
    after: str | None = None,
    before: str | None = None,
    type: str | None = None,  # noqa: A002
    collection: str | None = None,
    tag: str | None = None,
    search: str | None = None,
) -> bytes:
    """Read the same page as `{"items", "next", "previous", "total"}`, as `artifact_json` has it."""
    values = build_page_parameters(
        limit=limit,
        after=after,
        before=before,
        search=search,
        type=type,
        collection=collection,
        tag=tag,
    )
    read = document(conn, document_statement(frozenset(values), limit), values)
    assert read is not None  # noqa: S101 - an aggregate has its row
    return read


DELETE: Final = "delete from artifacts where id = %(id)s"


def delete_artifact(conn: Conn, id: str) -> bool:  # noqa: A002
    """Delete an artifact, and with it its memberships, tags and versions. False if none was."""
    return affected(conn, DELETE, {"id": id}) > 0
