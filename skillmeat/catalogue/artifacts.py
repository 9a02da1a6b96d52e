"""Artifacts: read one or a page, each with its tags, version and collections; edit; delete."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier
from psycopg.types.json import Jsonb

from skillmeat.catalogue.artifact_filters import ArtifactFilters
from skillmeat.catalogue.artifact_order import (
    ORDERS,
    ArtifactOrder,
    choose_order,
    split_cursors,
)
from skillmeat.catalogue.artifact_page import select_page, select_total
from skillmeat.catalogue.optimistic_locking import IS_UNCHANGED, check_unchanged, delete_row
from skillmeat.catalogue.page_statement import build_rows_statement
from skillmeat.catalogue.pagination import Page, build_page, build_page_parameters
from skillmeat.database.query import (
    UNSET,
    Conn,
    NotGiven,
    build_assignments,
    drop_unset,
    execute,
    fetch_tuples,
)
from skillmeat.errors import UnknownArtifact


@dataclass(frozen=True, slots=True)
class CollectionCount:
    """A collection that contains an artifact, with its exact artifact count."""

    id: str
    name: str
    artifact_count: int


@dataclass(frozen=True, slots=True)
class Artifact:
    """A row of `artifact_summaries`.

    `tags` are names in code point order. `collections` has `default` first, then the others by
    name. `version` is the newest one.
    """

    id: str
    type: str
    name: str
    title: str | None
    description: str | None
    author: str | None
    license: str | None
    source: str | None
    origin: str | None
    metadata: dict[str, Any]
    tags: tuple[str, ...]
    version: str | None
    collections: tuple[CollectionCount, ...]
    added_at: datetime
    updated_at: datetime


_NAMES: Final = tuple(field.name for field in fields(Artifact))
_METADATA: Final = _NAMES.index("metadata")
_TAGS: Final = _NAMES.index("tags")
_COLLECTIONS: Final = _NAMES.index("collections")

# The columns of `artifact_summaries_json as s`, as `build_artifacts` takes them.
COLUMNS: Final = SQL(", ").join(
    SQL("{}::text" if at in (_METADATA, _COLLECTIONS) else "{}").format(Identifier("s", name))
    for at, name in enumerate(_NAMES)
)


def build_artifacts(rows: Sequence[TupleRow]) -> tuple[Artifact, ...]:
    """Build artifacts from rows that end with `COLUMNS`."""
    values = [list(row[-len(_NAMES) :]) for row in rows]
    # Parsed in one call: a call of the parser costs more than the text that it parses.
    texts = [text for row in values for text in (row[_METADATA], row[_COLLECTIONS])]
    parsed = iter(json.loads(f"[{','.join(texts)}]"))
    # Rows share collections; within one statement, a collection has one count.
    known: dict[str, CollectionCount] = {}
    for row in values:
        row[_METADATA] = next(parsed)
        row[_TAGS] = tuple(row[_TAGS])
        row[_COLLECTIONS] = tuple(
            [
                known.get(each["id"]) or known.setdefault(each["id"], CollectionCount(**each))
                for each in next(parsed)
            ]
        )
    return tuple([Artifact(*row) for row in values])


READ: Final = SQL("select {} from artifact_summaries_json as s where s.id = %(id)s").format(COLUMNS)


def get_artifact(conn: Conn, id: str) -> Artifact | None:  # noqa: A002
    """Read one artifact, or None."""
    artifacts = build_artifacts(fetch_tuples(conn, READ, {"id": id}))
    return artifacts[0] if artifacts else None


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
    sort: ArtifactOrder | None = None,
) -> Page[Artifact]:
    """Read a page of artifacts, after the cursor `after` or before `before`.

    The filters are `type`, `collection` (an id), `tag` (a slug) and `search` (words or part of a
    name); the page has the artifacts that match all of them, and none if a filter names something
    that does not exist. `sort` is `id`, `name` (from A to Z),
    `updated` (the last change first) or, in a search, `rank`; by default by rank in a search, else
    by id. The total is exact for all artifacts and for one type, collection or tag. It is None
    otherwise. Raises `InvalidValue`.
    """
    parameters = build_page_parameters(
        limit=limit,
        after=after,
        before=before,
        search=search,
        types=None if type is None else [type],
        collection=collection,
        tags=None if tag is None else [tag],
    )
    order = choose_order(sort, search=search)
    split_cursors(parameters, order)
    filters = ArtifactFilters.from_parameters(parameters, order=order)
    rows = fetch_tuples(conn, _list_statement(filters, limit), parameters)
    total, _, first_id, *_ = rows[0]
    return build_page(
        rows if first_id is not None else [],
        limit=limit,
        after=after,
        before=before,
        get_cursor=lambda row: str(row[1]),
        build_items=build_artifacts,
        total=total,
    )


@lru_cache(maxsize=512)
def _list_statement(filters: ArtifactFilters, limit: int) -> bytes:
    return build_rows_statement(
        columns=SQL("t.total, s.key, {}").format(COLUMNS),
        source=SQL("(select {} as total)").format(select_total(filters) or SQL("null::bigint")),
        page=select_page(filters, limit),
        order=ORDERS[filters.order].sort("s"),
        with_clause=filters.with_clause,
    )


EDIT: Final = SQL(
    """
    update artifacts as a
    set {assignments}
    where
        a.id = %(id)s
        and {is_unchanged}
    """
)
MERGED_METADATA: Final = SQL("metadata = a.metadata || %(metadata)s")


def edit_artifact(  # noqa: PLR0913 - a row has these columns
    conn: Conn,
    id: str,  # noqa: A002
    *,
    title: str | NotGiven | None = UNSET,
    description: str | NotGiven | None = UNSET,
    author: str | NotGiven | None = UNSET,
    license: str | NotGiven | None = UNSET,  # noqa: A002
    source: str | NotGiven | None = UNSET,
    metadata: Mapping[str, Any] | NotGiven = UNSET,
    if_updated_at: list[datetime] | None = None,
) -> None:
    """Change the columns that are given; `metadata` replaces only the keys that it has.

    The next import of a source that has the artifact overwrites what it brings. With
    `if_updated_at`, change it only if its `updated_at` is one of these. Raises `UnknownArtifact`,
    `RowChanged`, `InvalidValue`; `TypeError` if nothing is given.
    """
    given = drop_unset(
        title=title,
        description=description,
        author=author,
        license=license,
        source=source,
        metadata=metadata,
    )
    columns = {column: value for column, value in given.items() if column != "metadata"}
    assignments = [build_assignments(columns)] if columns else []
    values = {"id": id, "if_updated_at": if_updated_at, **columns}
    if "metadata" in given:
        assignments.append(Composed([MERGED_METADATA]))
        values["metadata"] = Jsonb(given["metadata"])
    if execute(
        conn,
        EDIT.format(assignments=SQL(", ").join(assignments), is_unchanged=IS_UNCHANGED),
        values,
    ):
        return
    check_unchanged(conn, id, noun="artifact", if_updated_at=if_updated_at)
    raise UnknownArtifact.from_ids(id)


def delete_artifact(
    conn: Conn,
    id: str,  # noqa: A002
    *,
    if_updated_at: list[datetime] | None = None,
) -> bool:
    """Delete an artifact, its memberships, tags and versions. Return whether it existed.

    With `if_updated_at`, delete it only if its `updated_at` is one of these. Raises `RowChanged`.
    """
    return delete_row(conn, id, noun="artifact", if_updated_at=if_updated_at)
