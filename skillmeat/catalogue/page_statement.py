"""The SQL of a page of any list: its keyset conditions, and its one statement as rows or as JSON.

`given` holds the names of a statement's parameters; its cursors are `after` and `before`. With
both, the page is the first one between them. A page's select fetches one row more than `limit`, in
any order: the surplus row tells that another page follows.
"""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from psycopg.rows import args_row
from psycopg.sql import SQL, Composed

from skillmeat.database.query import Conn
from skillmeat.errors import translate_errors

Fragment = SQL | Composed

# A left join, because `source` must be read even if the page is empty. The page itself has the
# order of the list: to sort the wide rows of the join would take a fifteenth of the statement. To
# join one row without a condition, PostgreSQL has only a nested loop, which keeps that order.
ROWS: Final = SQL(
    """
    {with_clause}
    select {columns}
    from {source} as t
    left join lateral (select s.* from ({page}) as s order by {order}) as s on true
    """
)
JSON: Final = SQL(
    """
    {with_clause}
    select
        unknown.collection,
        unknown.type,
        convert_to(
            concat(
                '{{"items":[',
                array_to_string({items}, ','),
                '],"page_info":',
                json_build_object(
                    'has_next_page', {has_next},
                    'has_previous_page', {has_previous},
                    'start_cursor', {start_cursor},
                    'end_cursor', {end_cursor},
                    'total_count', {total}
                ),
                '}}'
            ),
            'UTF8'
        )
    from (select {unknown_collection} as collection, {unknown_type} as type) as unknown
    left join lateral (
        select
            array_agg(s.item order by {order}) as items,
            array_agg(s.key order by {order}) as keys
        from (select {item} as item, s.* from ({page}) as s) as s
    ) as fetched on not unknown.collection and unknown.type is null
    """
)
FIRST: Final = SQL("fetched.{column}[:{limit}]")
LAST: Final = SQL("fetched.{column}[greatest(cardinality(fetched.{column}) - {limit}, 0) + 1:]")
HAS_SURPLUS: Final = SQL("coalesce(cardinality(fetched.keys) > {limit}, false)")
CURSOR: Final = SQL("replace(encode(convert_to(({keys})[{at}], 'UTF8'), 'base64'), chr(10), '')")
NOTHING: Final = SQL("")
FALSE: Final = SQL("false")
KEY: Final = SQL("s.key")
NO_TYPE: Final = SQL("null::text")


def build_key_range(given: Collection[str], key: Fragment) -> Composed:
    """Build the condition that the cursors put on `key`."""
    ends = (("after", "{} > %(after)s"), ("before", "{} < %(before)s"))
    conditions = [SQL(end).format(key) for name, end in ends if name in given]
    return SQL(" and ").join([SQL("true"), *conditions])


def build_key_order(given: Collection[str], key: Fragment) -> Composed:
    """Build the order of `key` in which a page is read from its cursor."""
    return SQL("{} desc" if is_backwards(given) else "{}").format(key)


def is_backwards(given: Collection[str]) -> bool:
    """Return whether a page is read backwards: it is the last one before a cursor."""
    return "before" in given and "after" not in given


def build_rows_statement(
    *,
    columns: Fragment,
    source: Fragment,
    page: Fragment,
    order: Fragment,
    with_clause: Fragment = NOTHING,
) -> bytes:
    """Build the statement of a page as rows, in the order of the list.

    `columns` are read from the one row `t` of `source`, and from the rows `s` of `page`. An
    empty page gives one row, with null in every column of `s`.
    """
    return ROWS.format(
        with_clause=with_clause, columns=columns, source=source, page=page, order=order
    ).as_bytes()


def build_json_statement(  # noqa: PLR0913 - a page has these parts
    *,
    page: Fragment,
    item: Fragment,
    total: Fragment,
    given: Collection[str],
    limit: int,
    order: Fragment = KEY,
    with_clause: Fragment = NOTHING,
    unknown_collection: Fragment = FALSE,
    unknown_type: Fragment = NO_TYPE,
) -> bytes:
    """Build the statement of a page as one JSON document, for `read_json_page`.

    `order` orders the rows `s` of `page`, whose text column `key` is the cursor. `item` is an
    expression of the JSON of a row `s`, as text. `unknown_collection` and `unknown_type` are true
    if a filter names a collection or a type that does not exist.
    """
    backwards = is_backwards(given)
    shown = LAST if backwards else FIRST
    items, keys = (shown.format(column=SQL(name), limit=limit) for name in ("items", "keys"))
    has_surplus = HAS_SURPLUS.format(limit=limit)
    # The client got the cursor from a page, which is on the other side of the cursor.
    beyond = {name: SQL("true" if name in given else "false") for name in ("after", "before")}
    return JSON.format(
        with_clause=with_clause,
        items=items,
        has_next=beyond["before"]
        if backwards
        else SQL("{} or {}").format(has_surplus, beyond["before"]),
        has_previous=has_surplus if backwards else beyond["after"],
        start_cursor=CURSOR.format(keys=keys, at=1),
        end_cursor=CURSOR.format(keys=keys, at=SQL("cardinality({})").format(keys)),
        total=total,
        page=page,
        item=item,
        order=order,
        unknown_collection=unknown_collection,
        unknown_type=unknown_type,
    ).as_bytes()


class JsonPage(NamedTuple):
    """A page as a JSON document in UTF-8; it is empty if a filter names something unknown."""

    is_collection_unknown: bool
    unknown_type: str | None
    document: bytes


def read_json_page(conn: Conn, statement: bytes, parameters: Mapping[str, object]) -> JsonPage:
    """Run a statement of `build_json_statement`, which is prepared at its first use."""
    with translate_errors(), conn.cursor(row_factory=args_row(JsonPage)) as cursor:
        page = cursor.execute(statement, parameters, prepare=True, binary=True).fetchone()
    assert page is not None  # noqa: S101 - the statement always returns a row
    return page
