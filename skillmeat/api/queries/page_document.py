"""A page of any list as one JSON document, or why there is none, by one statement."""

from typing import Final, NamedTuple

from psycopg.rows import args_row
from psycopg.sql import SQL, Composed

from skillmeat.errors import translate_errors
from skillmeat.query import Conn

# What is one row too many says that there is more.
PAGE: Final = SQL(
    """
    select
        asked.problem,
        convert_to(
            json_build_object(
                'items', array_to_json(coalesce({items}, array[]::json[])),
                'page_info', json_build_object(
                    'has_next_page', {has_next},
                    'has_previous_page', {has_previous},
                    'start_cursor', {start_cursor},
                    'end_cursor', {end_cursor},
                    'total_count', {total}
                )
            )::text,
            'UTF8'
        )
    from (select {problem} as problem) as asked
    left join lateral (
        select
            array_agg(s.item order by s.key) as items,
            array_agg(s.key order by s.key) as keys
        from (
            select row_to_json(item) as item, s.key
            from ({page}) as s
            cross join lateral (select {item}) as item
        ) as s
    ) as found on asked.problem is null
    """
)
FIRST: Final = SQL("found.{rows}[:{limit}]")
LAST: Final = SQL("found.{rows}[greatest(cardinality(found.{rows}) - {limit}, 0) + 1:]")
IS_CUT: Final = SQL("coalesce(cardinality(found.keys) > {limit}, false)")
CURSOR: Final = SQL("replace(encode(convert_to(({keys})[{at}], 'UTF8'), 'base64'), chr(10), '')")
NO_PROBLEM: Final = SQL("null::text")


class Answer(NamedTuple):
    """A page, or the name of what keeps it from being one."""

    problem: str | None
    page: bytes


def page_statement(  # noqa: PLR0913 - what a page is made of
    *,
    page: SQL | Composed,
    item: SQL | Composed,
    total: SQL | Composed,
    given: frozenset[str],
    limit: int,
    problem: SQL | Composed = NO_PROBLEM,
) -> bytes:
    """The statement of a page.

    `page` has one row more than `limit` where there is more, each with the text `key` that its list
    is ordered by; `item` is a select list over a row `s` of it. `given` may hold `after`, `before`.
    """
    backwards = is_backwards(given)
    kept = LAST if backwards else FIRST
    items, keys = (kept.format(rows=SQL(rows), limit=limit) for rows in ("items", "keys"))
    is_cut = IS_CUT.format(limit=limit)
    # A cursor was given out with its row: there is something on its other side.
    beyond = {name: SQL("true" if name in given else "false") for name in ("after", "before")}
    return PAGE.format(
        items=items,
        has_next=beyond["before"]
        if backwards
        else SQL("{} or {}").format(is_cut, beyond["before"]),
        has_previous=is_cut if backwards else beyond["after"],
        start_cursor=CURSOR.format(keys=keys, at=1),
        end_cursor=CURSOR.format(keys=keys, at=SQL("cardinality({})").format(keys)),
        total=total,
        page=page,
        item=item,
        problem=problem,
    ).as_bytes()


def answer(conn: Conn, statement: bytes, values: dict[str, object]) -> Answer:
    """What one such statement says."""
    with translate_errors(), conn.cursor(row_factory=args_row(Answer)) as cursor:
        found = cursor.execute(statement, values, prepare=True, binary=True).fetchone()
    assert found is not None  # noqa: S101 - the statement always returns a row
    return found


def is_backwards(given: frozenset[str]) -> bool:
    """Whether a page is the last one before its cursor; between two cursors it is the first."""
    return "before" in given and "after" not in given


def range_of(given: frozenset[str], key: SQL | Composed) -> Composed:
    """The condition that the cursors that are given put on `key`."""
    ends = (("after", "{} > %(after)s"), ("before", "{} < %(before)s"))
    asked = [SQL(end).format(key) for name, end in ends if name in given]
    return SQL(" and ").join([SQL("true"), *asked])


def order_of(given: frozenset[str], key: SQL | Composed) -> Composed:
    """The order of `key` in which a page is found from its cursor."""
    return SQL("{} desc" if is_backwards(given) else "{}").format(key)
