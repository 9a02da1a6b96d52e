"""Collections: create, edit, delete and read them, each with its exact counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from psycopg.sql import SQL, Identifier

from skillmeat.catalogue.optimistic_locking import IS_UNCHANGED, check_unchanged, delete_row
from skillmeat.catalogue.pagination import Page, get_fetch_limit
from skillmeat.database.query import (
    UNSET,
    Conn,
    NotGiven,
    build_assignments,
    build_columns,
    drop_unset,
    fetch_one,
    fetch_one_or_none,
    fetch_tuples,
)
from skillmeat.errors import InvalidValue, UnknownCollection

CollectionOrder = Literal["id", "name"]


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
        artifact_count::bigint, group_count::bigint, source, created_at, updated_at
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
    where
        c.id = %(collection)s
        and {is_unchanged}
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
    if_updated_at: list[datetime] | None = None,
) -> Collection:
    """Change the columns that are given.

    With `if_updated_at`, change the collection only if its `updated_at` is one of these. Raises
    `UnknownCollection`, `RowChanged`, `Duplicate`, `InvalidValue`; `TypeError` if nothing is given.
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
        EDIT.format(assignments=build_assignments(given), is_unchanged=IS_UNCHANGED),
        {"collection": id, "if_updated_at": if_updated_at, **given},
    )
    if edited is None:
        check_unchanged(conn, id, noun="collection", if_updated_at=if_updated_at)
        raise UnknownCollection.from_ids(id)
    return edited


def delete_collection(
    conn: Conn,
    id: str,  # noqa: A002
    *,
    if_updated_at: list[datetime] | None = None,
) -> bool:
    """Delete a collection and its groups, not its artifacts. Return whether it existed.

    With `if_updated_at`, delete it only if its `updated_at` is one of these. Raises `RowChanged`.
    """
    return delete_row(conn, id, noun="collection", if_updated_at=if_updated_at)


COLUMNS: Final = build_columns(Collection)
READ: Final = SQL("select {} from collection_summaries where id = %(id)s").format(COLUMNS)


def get_collection(conn: Conn, id: str) -> Collection | None:  # noqa: A002
    """Read one collection, or None."""
    return fetch_one_or_none(conn, Collection, READ, {"id": id})


FIND: Final = SQL(
    """
    select {}
    from collection_summaries
    where id = %(id_or_name)s or name = %(id_or_name)s
    order by id = %(id_or_name)s desc
    limit 1
    """
).format(COLUMNS)


def find_collection(conn: Conn, id_or_name: str) -> Collection:
    """Read the collection with this id, or else with this name.

    Raises `UnknownCollection`.
    """
    found = fetch_one_or_none(conn, Collection, FIND, {"id_or_name": id_or_name})
    if found is None:
        raise UnknownCollection.from_ids(id_or_name)
    return found


LIST: Final = SQL(
    """
    select {key}, {columns}
    from collection_summaries
    where
        {key} > coalesce(%(after)s::text, '')
        and (
            %(search)s::text is null
            or strpos(lower(name collate "default"), lower(%(search)s::text)) > 0
        )
    order by {key}
    limit %(rows)s
    """
)
ORDER_KEYS: Final[dict[CollectionOrder, str]] = {"id": "id", "name": "sort_key"}
LISTS: Final = {
    order: LIST.format(key=Identifier(key), columns=COLUMNS).as_bytes()
    for order, key in ORDER_KEYS.items()
}


def list_collections(
    conn: Conn,
    *,
    limit: int = 50,
    after: str | None = None,
    search: str | None = None,
    sort: CollectionOrder = "id",
) -> Page[Collection]:
    """Read a page of collections by id or by name, after the cursor `after`.

    By name, `default` is first; cases and accents are equal, and numbers are by value. `search`
    keeps the collections with a name that contains it, ignoring case. Raises `InvalidValue`.
    """
    check_order(sort, after)
    rows = fetch_tuples(
        conn, LISTS[sort], {"after": after, "search": search, "rows": get_fetch_limit(limit)}
    )
    items = tuple(Collection(*row[1:]) for row in rows[:limit])
    return Page(items, rows[limit - 1][0] if len(rows) > limit else None)


def check_order(sort: CollectionOrder, *cursors: str | None) -> None:
    """Raise `InvalidValue` for an unknown order, or for a cursor of the other order."""
    if sort not in ORDER_KEYS:
        message = f"collections have no order by {sort!r}: sort by id or name"
        raise InvalidValue(message, sqlstate="22023")
    for cursor in filter(None, cursors):
        # A sort key has a tab before the name; an id has no control character.
        if ("\t" in cursor) != (sort == "name"):
            message = f"{cursor!r} is not a cursor of this list: give one of a page by {sort}"
            raise InvalidValue(message, sqlstate="22023")
