"""Collections: create, edit, delete and read them, each with its exact counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.sql import SQL

from skillmeat.catalogue.pagination import Page, build_forward_page, get_fetch_limit
from skillmeat.errors import UnknownCollection
from skillmeat.query import (
    UNSET,
    Conn,
    NotGiven,
    build_assignments,
    drop_unset,
    execute,
    fetch_all,
    fetch_one,
    fetch_one_or_none,
)


@dataclass(frozen=True, slots=True)
class Collection:
    """A row of `collection_summaries`: both counts are exact."""

    id: str
    name: str
    description: str | None
    created_by: str | None
    collection_type: str | None
    context_category: str | None
    artifact_count: int
    group_count: int
    source: str | None
    created_at: datetime
    updated_at: datetime


CREATE: Final = """
    insert into collections (
        id, name, description, created_by, collection_type, context_category
    )
    values (
        coalesce(%(id)s, replace(gen_random_uuid()::text, '-', '')),
        %(name)s, %(description)s, %(created_by)s, %(collection_type)s, %(context_category)s
    )
    returning
        id::text, name::text, description, created_by, collection_type, context_category,
        artifact_count, group_count, source, created_at, updated_at
"""


def create_collection(  # noqa: PLR0913 - a row has these columns
    conn: Conn,
    *,
    name: str,
    id: str | None = None,  # noqa: A002
    description: str | None = None,
    created_by: str | None = None,
    collection_type: str | None = None,
    context_category: str | None = None,
) -> Collection:
    """Create an empty collection. The default id is 32 random hex digits.

    Raises `Duplicate` if the id or name is taken, and `InvalidValue` if one is not allowed.
    """
    return fetch_one(
        conn,
        Collection,
        CREATE,
        {
            "id": id,
            "name": name,
            "description": description,
            "created_by": created_by,
            "collection_type": collection_type,
            "context_category": context_category,
        },
    )


EDIT: Final = SQL(
    """
    update collections as c
    set {assignments}
    where c.id = %(collection)s
    returning
        c.id::text, c.name::text, c.description, c.created_by, c.collection_type,
        c.context_category,
        (
            select s.artifact_count from collection_summaries as s where s.id = c.id
        ) as artifact_count,
        (
            select s.group_count from collection_summaries as s where s.id = c.id
        ) as group_count,
        c.source, c.created_at, c.updated_at
    """
)


def edit_collection(  # noqa: PLR0913 - a row has these columns
    conn: Conn,
    id: str,  # noqa: A002
    *,
    name: str | NotGiven = UNSET,
    description: str | NotGiven | None = UNSET,
    collection_type: str | NotGiven | None = UNSET,
    context_category: str | NotGiven | None = UNSET,
) -> Collection:
    """Change the columns that are given.

    Raises `UnknownCollection`, `Duplicate`, `InvalidValue`; `TypeError` if nothing is given.
    """
    given = drop_unset(
        name=name,
        description=description,
        collection_type=collection_type,
        context_category=context_category,
    )
    edited = fetch_one_or_none(
        conn,
        Collection,
        EDIT.format(assignments=build_assignments(given)),
        {"collection": id, **given},
    )
    if edited is None:
        raise UnknownCollection.from_ids(id)
    return edited


DELETE: Final = "delete from collections where id = %(id)s"


def delete_collection(conn: Conn, id: str) -> bool:  # noqa: A002
    """Delete a collection and its groups, not its artifacts. Return whether it existed."""
    return execute(conn, DELETE, {"id": id}) > 0


READ: Final = "select * from collection_summaries where id = %(id)s"


def get_collection(conn: Conn, id: str) -> Collection | None:  # noqa: A002
    """Read one collection, or None."""
    return fetch_one_or_none(conn, Collection, READ, {"id": id})


FIND: Final = """
    select *
    from collection_summaries
    where id = %(id_or_name)s or name = %(id_or_name)s
    order by id = %(id_or_name)s desc
    limit 1
"""


def find_collection(conn: Conn, id_or_name: str) -> Collection:
    """Read the collection with this id, or else with this name.

    Raises `UnknownCollection`.
    """
    found = fetch_one_or_none(conn, Collection, FIND, {"id_or_name": id_or_name})
    if found is None:
        raise UnknownCollection.from_ids(id_or_name)
    return found


LIST: Final = """
    select *
    from collection_summaries
    where
        id > coalesce(%(after)s::text, '')
        and (
            %(search)s::text is null
            or strpos(lower(name collate "default"), lower(%(search)s::text)) > 0
        )
    order by id
    limit %(rows)s
"""


def list_collections(
    conn: Conn, *, limit: int = 50, after: str | None = None, search: str | None = None
) -> Page[Collection]:
    """Read a page of collections by id, after the cursor `after`.

    `search` keeps the collections with a name that contains it, ignoring case. Raises
    `InvalidValue`.
    """
    values = {"after": after, "search": search, "rows": get_fetch_limit(limit)}
    return build_forward_page(fetch_all(conn, Collection, LIST, values), limit=limit)
