"""The one statement that reads a page of artifacts, as rows or as a document.

Which statement it is depends on what is given: a cursor, a type, a collection, a tag, a search.
"""

from functools import lru_cache
from typing import Final

from psycopg.sql import SQL

from skillmeat.catalogue._artifact_filters import page_of, total_of
from skillmeat.catalogue._rows import COLUMNS, VALUES

# Joined, and not selected beside the page, so that the total of an empty page is known too.
ROWS: Final = SQL(
    """
    select t.total, s.rank, {values}
    from (select {total} as total) as t
    left join lateral ({page}) as s on true
    order by s.rank desc, s.id
    """
)
DOCUMENT: Final = SQL(
    """
    select convert_to(
        json_build_object(
            'items', array_to_json(coalesce({items}, array[]::json[])),
            'next', {next},
            'previous', {previous},
            'total', {total}
        )::text,
        'UTF8'
    )
    from (
        select
            array_agg(row_to_json(item) order by s.rank desc, s.id) as items,
            array_agg(concat_ws(':', s.rank, s.id) order by s.rank desc, s.id) as cursors
        from ({page}) as s
        cross join lateral (select {columns}) as item
    ) as found
    """
)
# One of the items and cursors that are found is too many where there is more.
FIRST_ITEMS: Final = SQL("found.items[:{limit}]")
LAST_ITEMS: Final = SQL("found.items[cardinality(found.items) - {limit} + 1:]")
FIRST_CURSOR: Final = SQL("found.cursors[1]")
LAST_CURSOR: Final = SQL("found.cursors[cardinality(found.cursors)]")
CURSOR_WHERE_CUT: Final = SQL(
    "case when cardinality(found.cursors) > {limit} then found.cursors[{at}] end"
)
NONE: Final = SQL("null")


@lru_cache(maxsize=512)
def rows_statement(given: frozenset[str], limit: int) -> bytes:
    """The statement of a page, for the names of what is asked for.

    Its rows are the total, the rank in a search, and the values of an artifact, in the order of the
    list: one more than `limit` where there is more, or else the total alone where there is none.
    """
    return ROWS.format(values=VALUES, total=total_of(given), page=page_of(given, limit)).as_bytes()


@lru_cache(maxsize=512)
def document_statement(given: frozenset[str], limit: int) -> bytes:
    """The statement of the same page as one value: a JSON document in UTF-8."""
    if "before" in given:
        items, following, previous = LAST_ITEMS, LAST_CURSOR, CURSOR_WHERE_CUT
    else:
        items, following = FIRST_ITEMS, CURSOR_WHERE_CUT
        previous = FIRST_CURSOR if "after" in given else NONE
    return DOCUMENT.format(
        items=items.format(limit=limit),
        next=following.format(limit=limit, at=limit),
        previous=previous.format(limit=limit, at=2),
        total=total_of(given),
        page=page_of(given, limit),
        columns=COLUMNS,
    ).as_bytes()
