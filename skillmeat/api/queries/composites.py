"""Composites as JSON: the artifacts of the type `composite`."""

from typing import Final

from psycopg.sql import SQL

from skillmeat.catalogue.time_format import select_time
from skillmeat.database.query import Conn, fetch_bytes

COMPOSITE: Final = SQL(
    """
    s.id,
    {collection} as collection_id,
    case
        when s.metadata ->> 'composite_type' in ('stack', 'suite')
        then s.metadata ->> 'composite_type'
        else 'plugin'
    end as composite_type,
    coalesce(s.title, s.name) as display_name,
    s.description,
    {created} as created_at,
    {updated} as updated_at,
    '[]'::json as memberships,
    0 as member_count
    """
)
TIMES: Final = {
    "created": select_time("s.added_at"),
    "updated": select_time("s.updated_at"),
}
READ: Final = SQL(
    """
    select convert_to(row_to_json(item)::text, 'UTF8')
    from artifacts as s
    cross join lateral (select {item}) as item
    where s.id = %(id)s and s.type = 'composite'
    """
).format(item=COMPOSITE.format(collection=SQL("'default'"), **TIMES))


def get_composite(conn: Conn, id: str) -> bytes | None:  # noqa: A002
    """Read one composite, as a part of `default`; return None if it does not exist."""
    return fetch_bytes(conn, READ, {"id": id})


LIST: Final = SQL(
    """
    select
        convert_to(
            json_build_object(
                'items', coalesce(json_agg(row_to_json(item) order by s.id), '[]'),
                'total', count(*)
            )::text,
            'UTF8'
        )
    from artifacts as s
    cross join lateral (select {item}) as item
    where
        s.id >= 'composite:'
        and s.id < 'composite;'
        and (
            %(collection)s::text is null
            or exists (
                select
                from collection_artifacts as m
                where m.collection_id = %(collection)s and m.artifact_id = s.id
            )
        )
    """
).format(
    item=COMPOSITE.format(collection=SQL("coalesce(%(collection)s::text, 'default')"), **TIMES)
)


def list_composites(conn: Conn, collection: str | None = None) -> bytes:
    """Read all composites, or those of a collection, by id; an unknown collection has none."""
    composites = fetch_bytes(conn, LIST, {"collection": collection})
    assert composites is not None  # noqa: S101 - an aggregate returns a row
    return composites
