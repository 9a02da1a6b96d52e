"""Collections: one with its groups, or a page."""

from functools import lru_cache
from typing import Final

from psycopg.sql import SQL, Composed

from skillmeat.api.queries.page_document import answer, order_of, page_statement, range_of
from skillmeat.api.queries.projections import COLLECTION
from skillmeat.catalogue.pagination import get_fetch_limit
from skillmeat.query import Conn, document

READ: Final = SQL(
    """
    select convert_to(row_to_json(item)::text, 'UTF8')
    from collection_summaries as s
    cross join lateral (select {}) as item
    where s.id = %(id)s
    """
)
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
READ_ALONE: Final = READ.format(COLLECTION)
READ_WITH_GROUPS: Final = READ.format(WITH_GROUPS)


def collection(conn: Conn, id: str, *, with_groups: bool = False) -> bytes | None:  # noqa: A002
    """One collection, with its groups by position if they are wanted, or None."""
    return document(conn, READ_WITH_GROUPS if with_groups else READ_ALONE, {"id": id})


SEARCHED: Final = SQL('strpos(lower(s.name collate "default"), lower(%(search)s::text)) > 0')
OF_TYPE: Final = SQL("s.collection_type = %(type)s::text")
LIST: Final = SQL(
    """
    select s.*, s.id as key
    from collection_summaries as s
    where {conditions}
    order by {order}
    limit {rows}
    """
)
COUNT: Final = SQL("(select count(*) from collections as s where {})")


def collections(  # noqa: PLR0913 - a filter each
    conn: Conn,
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    search: str | None = None,
    type: str | None = None,  # noqa: A002
) -> bytes:
    """A page in the order of ids; `search` is in the name, whatever the case."""
    values: dict[str, object] = {
        name: value
        for name, value in (
            ("after", after),
            ("before", before),
            ("search", search),
            ("type", type),
        )
        if value is not None
    }
    return answer(conn, _statement(frozenset(values), limit), values).page


@lru_cache(maxsize=512)
def _statement(given: frozenset[str], limit: int) -> bytes:
    key = SQL("s.id")
    filters: list[SQL | Composed] = [SQL("true")]
    filters += [SEARCHED] if "search" in given else []
    filters += [OF_TYPE] if "type" in given else []
    kept = SQL(" and ").join(filters)
    return page_statement(
        page=LIST.format(
            conditions=SQL(" and ").join([kept, range_of(given, key)]),
            order=order_of(given, key),
            rows=get_fetch_limit(limit),
        ),
        item=COLLECTION,
        total=COUNT.format(kept),
        given=given,
        limit=limit,
    )
