"""Collections as JSON: one collection with its groups, or a page by id or by name."""

from functools import lru_cache
from typing import Final

from psycopg.sql import SQL, Identifier

from skillmeat.api.queries.projections import (
    COLLECTION,
    NAME_CONTAINS,
    JsonItem,
    as_object,
    build_read,
    read_item,
)
from skillmeat.catalogue.collections import ORDER_KEYS, CollectionOrder, check_order
from skillmeat.catalogue.page_statement import (
    Fragment,
    build_json_statement,
    build_key_order,
    build_key_range,
    read_json_page,
)
from skillmeat.catalogue.pagination import get_fetch_limit
from skillmeat.database.query import Conn, drop_none

WITH_GROUPS: Final = SQL(
    """
    {},
    (
        select coalesce(json_agg(row_to_json(part)), '[]')
        from (
            select g.id, g.name, g.description, g.position, g.artifact_count
            from group_summaries as g
            where g.collection_id = s.id
            order by g.position, g.id
        ) as part
    ) as groups
    """
).format(COLLECTION)
READ_ALONE: Final = build_read("collection_summaries", as_object(COLLECTION))
READ_WITH_GROUPS: Final = build_read("collection_summaries", as_object(WITH_GROUPS))


def get_collection(conn: Conn, id: str, *, with_groups: bool = False) -> JsonItem | None:  # noqa: A002
    """Read one collection, or None; add its groups by position if `with_groups`."""
    return read_item(conn, READ_WITH_GROUPS if with_groups else READ_ALONE, {"id": id})


IS_OF_TYPE: Final = SQL("s.collection_type = %(type)s::text")
PAGE: Final = SQL(
    """
    select s.*, {key} as key
    from collection_summaries as s
    where {conditions}
    order by {order}
    limit {limit}
    """
)
TOTAL: Final = SQL("(select count(*) from collection_summaries as s where {})")


def list_collections(  # noqa: PLR0913 - a filter each
    conn: Conn,
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    search: str | None = None,
    type: str | None = None,  # noqa: A002
    sort: CollectionOrder = "id",
) -> bytes:
    """Read a page, by id or by name; `search` is a part of the name, in upper or lower case.

    Raises `InvalidValue` for a cursor of the other order.
    """
    check_order(sort, after, before)
    parameters = drop_none(after=after, before=before, search=search, type=type)
    statement = _page_statement(frozenset(parameters), limit, sort)
    return read_json_page(conn, statement, parameters).document


@lru_cache(maxsize=512)
def _page_statement(given: frozenset[str], limit: int, sort: CollectionOrder) -> bytes:
    key = SQL("s.{}").format(Identifier(ORDER_KEYS[sort]))
    filters: list[Fragment] = [SQL("true")]
    filters += [NAME_CONTAINS] if "search" in given else []
    filters += [IS_OF_TYPE] if "type" in given else []
    matches = SQL(" and ").join(filters)
    return build_json_statement(
        page=PAGE.format(
            key=key,
            conditions=SQL(" and ").join([matches, build_key_range(given, key)]),
            order=build_key_order(given, key),
            limit=get_fetch_limit(limit),
        ),
        item=as_object(COLLECTION),
        total=TOTAL.format(matches),
        given=given,
        limit=limit,
    )
