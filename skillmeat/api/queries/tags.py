"""Tags: a page by name, or those whose name holds a text."""

from functools import lru_cache
from typing import Final

from psycopg.sql import SQL

from skillmeat.api.queries.page_document import answer, order_of, page_statement, range_of
from skillmeat.api.queries.projections import TAG
from skillmeat.catalogue.pagination import get_fetch_limit
from skillmeat.query import Conn, document

LIST: Final = SQL(
    """
    select s.*, s.name::text as key
    from tag_summaries as s
    where {range}
    order by {order}
    limit {rows}
    """
)
COUNT: Final = SQL("(select count(*) from tags)")


def tags(conn: Conn, *, limit: int, after: str | None = None, before: str | None = None) -> bytes:
    """A page in the code point order of names."""
    given = {"after": after, "before": before}
    values: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    return answer(conn, _statement(frozenset(values), limit), values).page


@lru_cache(maxsize=512)
def _statement(given: frozenset[str], limit: int) -> bytes:
    key = SQL("s.name")
    return page_statement(
        page=LIST.format(
            range=range_of(given, key), order=order_of(given, key), rows=get_fetch_limit(limit)
        ),
        item=TAG,
        total=COUNT,
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


def found_tags(conn: Conn, search: str, *, limit: int) -> bytes:
    """The first tags by name whose name holds `search`, whatever the case."""
    found = document(conn, SEARCH, {"search": search, "limit": limit})
    assert found is not None  # noqa: S101 - an aggregate has its row
    return found
