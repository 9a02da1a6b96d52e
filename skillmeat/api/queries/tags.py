"""Tags as JSON: one tag, a page by name, or the tags with a text in their name."""

from functools import lru_cache
from typing import Final

from psycopg.sql import SQL

from skillmeat.api.queries.projections import (
    NAME_CONTAINS,
    TAG,
    JsonItem,
    as_object,
    build_read,
    read_item,
)
from skillmeat.catalogue.page_statement import (
    build_json_statement,
    build_key_order,
    build_key_range,
    read_json_page,
)
from skillmeat.catalogue.pagination import get_fetch_limit
from skillmeat.database.query import Conn, drop_none, fetch_bytes

READ: Final = build_read("tag_summaries", as_object(TAG))


def get_tag(conn: Conn, id: str) -> JsonItem | None:  # noqa: A002
    """Read one tag, or None."""
    return read_item(conn, READ, {"id": id})


PAGE: Final = SQL(
    """
    select s.*, s.name::text as key
    from tag_summaries as s
    where {range}
    order by {order}
    limit {limit}
    """
)
TOTAL: Final = SQL("(select count(*) from tag_summaries)")


def list_tags(
    conn: Conn, *, limit: int, after: str | None = None, before: str | None = None
) -> bytes:
    """Read a page, by name in code point order."""
    parameters = drop_none(after=after, before=before)
    return read_json_page(conn, _page_statement(frozenset(parameters), limit), parameters).document


@lru_cache(maxsize=512)
def _page_statement(given: frozenset[str], limit: int) -> bytes:
    key = SQL("s.name")
    return build_json_statement(
        page=PAGE.format(
            range=build_key_range(given, key),
            order=build_key_order(given, key),
            limit=get_fetch_limit(limit),
        ),
        item=as_object(TAG),
        total=TOTAL,
        given=given,
        limit=limit,
    )


SEARCH: Final = SQL(
    """
    select convert_to(coalesce(json_agg(row_to_json(item) order by s.name), '[]')::text, 'UTF8')
    from (
        select s.*
        from tag_summaries as s
        where {name_contains}
        order by s.name
        limit %(limit)s
    ) as s
    cross join lateral (select {item}) as item
    """
).format(item=TAG, name_contains=NAME_CONTAINS)


def search_tags(conn: Conn, search: str, *, limit: int) -> bytes:
    """Read the first tags, by name, with `search` in their name, in upper or lower case."""
    tags = fetch_bytes(conn, SEARCH, {"search": search, "limit": limit})
    assert tags is not None  # noqa: S101 - an aggregate returns a row
    return tags
