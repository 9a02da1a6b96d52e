"""Artifacts: read one or a page, each with its tags, version and collections; delete."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.rows import kwargs_row
from psycopg.sql import SQL, Identifier

from skillmeat.errors import translated
from skillmeat.query import Conn, Page, Statement, affected, one_more, page


@dataclass(frozen=True, slots=True)
class CollectionCount:
    """A collection that an artifact is in, and how many artifacts are, exact."""

    id: str
    name: str
    artifact_count: int


@dataclass(frozen=True, slots=True)
class Artifact:
    """A row of `artifact_summaries`.

    `tags` are names in code point order; `collections` are `default` first, then by name;
    `version` is the one added last.
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


READ: Final = "select * from artifact_summaries where id = %(id)s"


def artifact(conn: Conn, id: str) -> Artifact | None:  # noqa: A002
    """Read one artifact, or None."""
    found = _read(conn, READ, {"id": id})
    return found[0] if found else None


LIST: Final = SQL(
    """
    select *
    from artifact_summaries as s
    where {conditions}
    order by s.id
    limit %(rows)s
    """
)
# The page is chosen first, from indexes alone, so that no more than a page is looked at.
LIST_CHOSEN: Final = SQL(
    """
    select s.*
    from (
        select {id} as id
        from {tables}
        where {conditions}
        order by {id}
        limit %(rows)s
    ) as chosen
    inner join artifact_summaries as s on s.id = chosen.id
    order by s.id
    """
)
AFTER: Final = SQL("{id} > coalesce(%(after)s::text, '')")
# Those of a type are a range of the key, up to the character after the colon.
OF_TYPE: Final = SQL(
    "{id} > %(type)s::text || ':' and {id} < %(type)s::text || ';'"
    " and strpos(%(type)s::text, ':') = 0"
)
IN_COLLECTION: Final = SQL("m.collection_id = %(collection)s")
TAGGED: Final = SQL("x.tag_id = (select t.id from tags as t where t.slug = %(tag)s)")
IN_BOTH: Final = SQL("x.artifact_id = m.artifact_id")


def list_artifacts(  # noqa: PLR0913 - a filter each
    conn: Conn,
    *,
    limit: int = 50,
    after: str | None = None,
    type: str | None = None,  # noqa: A002
    collection: str | None = None,
    tag: str | None = None,
) -> Page[Artifact]:
    """Read a page of artifacts by id, after the cursor `after`.

    `type`, `collection` (an id) and `tag` (a slug) keep those that have all that is given.
    Raises `InvalidValue`.
    """
    values = {
        "rows": one_more(limit),
        "after": after,
        "type": type,
        "collection": collection,
        "tag": tag,
    }
    tables: list[SQL] = []
    conditions: list[SQL] = []
    id_column = Identifier("s", "id")
    if tag is not None:
        tables.append(SQL("artifact_tags as x"))
        conditions.append(TAGGED)
        id_column = Identifier("x", "artifact_id")
    if collection is not None:
        tables.append(SQL("collection_artifacts as m"))
        conditions.append(IN_COLLECTION)
        id_column = Identifier("m", "artifact_id")
    if len(tables) > 1:
        conditions.append(IN_BOTH)
    ids = [AFTER] if type is None else [AFTER, OF_TYPE]
    statement = (LIST_CHOSEN if tables else LIST).format(
        id=id_column,
        tables=SQL(", ").join(tables),
        conditions=SQL(" and ").join(
            [*conditions, *(condition.format(id=id_column) for condition in ids)]
        ),
    )
    return page(_read(conn, statement, values), limit=limit)


DELETE: Final = "delete from artifacts where id = %(id)s"


def delete_artifact(conn: Conn, id: str) -> bool:  # noqa: A002
    """Delete an artifact, and with it its memberships, tags and versions. False if none was."""
    return affected(conn, DELETE, {"id": id}) > 0


def _read(conn: Conn, statement: Statement, values: Mapping[str, object]) -> tuple[Artifact, ...]:
    with translated(), conn.cursor(row_factory=kwargs_row(_artifact)) as cursor:
        return tuple(cursor.execute(statement, values))


def _artifact(
    *,
    tags: list[str],
    collections: list[dict[str, Any]],
    **columns: Any,  # noqa: ANN401
) -> Artifact:
    return Artifact(
        **columns,
        tags=tuple(tags),
        collections=tuple(CollectionCount(**each) for each in collections),
    )
