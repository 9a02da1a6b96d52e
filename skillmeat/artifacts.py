"""Artifacts: read one or a page, each with its tags, version and collections; delete."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.rows import kwargs_row
from psycopg.sql import SQL

from skillmeat.errors import translated
from skillmeat.query import Conn, Page, Statement, affected, page


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
    limit %(limit)s + 1
    """
)
AFTER: Final = SQL("s.id > coalesce(%(after)s::text, '')")
# Those of a type are a range of the key, up to the character after the colon.
OF_TYPE: Final = SQL("s.id > %(type)s || ':' and s.id < %(type)s || ';'")
IN_COLLECTION: Final = SQL(
    "s.id in (select m.artifact_id from collection_artifacts as m"
    " where m.collection_id = %(collection)s)"
)
TAGGED: Final = SQL(
    "s.id in (select x.artifact_id from artifact_tags as x"
    " inner join tags as t on t.id = x.tag_id where t.slug = %(tag)s)"
)


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
    filters = {
        "type": (type, OF_TYPE),
        "collection": (collection, IN_COLLECTION),
        "tag": (tag, TAGGED),
    }
    given = [condition for value, condition in filters.values() if value is not None]
    statement = LIST.format(conditions=SQL(" and ").join([AFTER, *given]))
    values = {"limit": limit, "after": after, "type": type, "collection": collection, "tag": tag}
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
