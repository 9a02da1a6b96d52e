"""Tags as JSON: a page by name, or those whose name contains a text."""

from functools import lru_cache
from typing import Final

from psycopg.sql import SQL

from skillmeat.api.queries.projections import TAG
from skillmeat.catalogue.page_sql import (
    build_json_statement,
    build_key_order,
    build_key_range,
    read_json_page,
)
from skillmeat.catalogue.pagination import get_fetch_limit
from skillmeat.query import Conn, drop_none, fetch_bytes

PAGE: Final = SQL(
    """
    select s.*, s.name::text as key
    from tag_summaries as s
    where {range}
    order by {order}
    limit {limit}
    """
)
TOTAL: Final = SQL("(select count(*) from tags)")


def list_tags(
    conn: Conn, *, limit: int, after: str | None = None, before: str | None = None
) -> bytes:
    """Read a page in the code point order of names."""
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
        item=TAG,
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
        where strpos(lower(s.name collate "default"), lower(%(search)s::text)) > 0
        order by s.name
        limit %(limit)s
    ) as s
    cross join lateral (select {}) as item
    """
).format(TAG)


def search_tags(conn: Conn, search: str, *, limit: int) -> bytes:
    """Read the first tags by name whose name contains `search`, in upper or lower case."""
    tags = fetch_bytes(conn, SEARCH, {"search": search, "limit": limit})
    assert tags is not None  # noqa: S101 - an aggregate has its row
    return tags
