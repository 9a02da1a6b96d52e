"""The statements that applications send to `artifact_summaries`, and their plans."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, LiteralString

from psycopg import Connection, sql

from tests.plans.tree import Plan

PAGE: Final = 50
PlanCacheMode = Literal["auto", "force_custom_plan", "force_generic_plan"]
# Planned for its values, or once for all values.
MODES: Final[tuple[PlanCacheMode, ...]] = ("force_custom_plan", "force_generic_plan")


@dataclass(frozen=True, slots=True)
class Query:
    """A statement with parameters, and their values."""

    name: str
    statement: LiteralString
    values: tuple[str, ...]
    # Whether it asks for artifacts in the order in which they are merged, wherever they are.
    is_range: bool = False


AFTER: Final = "select * from artifact_summaries where id > $1 order by id limit 50"
BEFORE: Final = "select * from artifact_summaries where id < $1 order by id desc limit 50"
FIRST: Final = "select * from artifact_summaries order by id limit 50"
LAST: Final = "select * from artifact_summaries order by id desc limit 50"
OF_TYPE_AFTER: Final = """
    select *
    from artifact_summaries
    where id > $1 || ':' and id < $1 || ';' and id > $2
    order by id
    limit 50
"""
OF_TYPE_BEFORE: Final = """
    select *
    from artifact_summaries
    where id > $1 || ':' and id < $1 || ';' and id < $2
    order by id desc
    limit 50
"""
# The condition compares rows, and the order names the same columns. Otherwise the planner would
# sort all members before any ANALYZE, when the catalogue looks small.
IN_COLLECTION_AFTER: Final = """
    select *
    from artifact_summaries
    where
        id = any (array(
            select m.artifact_id
            from collection_artifacts as m
            where
                (m.collection_id, m.artifact_id) >= ($1, $2)
                and m.collection_id <= $1
                and m.artifact_id <> $2
            order by m.collection_id, m.artifact_id
            limit 50
        ))
    order by id
"""
IN_COLLECTION_BEFORE: Final = """
    select *
    from artifact_summaries
    where
        id = any (array(
            select m.artifact_id
            from collection_artifacts as m
            where
                (m.collection_id, m.artifact_id) <= ($1, $2)
                and m.collection_id >= $1
                and m.artifact_id <> $2
            order by m.collection_id desc, m.artifact_id desc
            limit 50
        ))
    order by id desc
"""
TAGGED_AFTER: Final = """
    select *
    from artifact_summaries
    where
        id = any (array(
            select x.artifact_id
            from artifact_tags as x
            where
                (x.tag_id, x.artifact_id) >= ((select id from tags where slug = $1), $2)
                and x.tag_id <= (select id from tags where slug = $1)
                and x.artifact_id <> $2
            order by x.tag_id, x.artifact_id
            limit 50
        ))
    order by id
"""
TAGGED_BEFORE: Final = """
    select *
    from artifact_summaries
    where
        id = any (array(
            select x.artifact_id
            from artifact_tags as x
            where
                (x.tag_id, x.artifact_id) <= ((select id from tags where slug = $1), $2)
                and x.tag_id >= (select id from tags where slug = $1)
                and x.artifact_id <> $2
            order by x.tag_id desc, x.artifact_id desc
            limit 50
        ))
    order by id desc
"""
ONE: Final = "select * from artifact_summaries where id = $1"

MIDDLE: Final = "command:10000"
QUERIES: Final = (
    Query("the first page", FIRST, (), is_range=True),
    Query("the last page", LAST, (), is_range=True),
    Query("a page", AFTER, (MIDDLE,), is_range=True),
    Query("the page before", BEFORE, (MIDDLE,), is_range=True),
    Query("a type", OF_TYPE_AFTER, ("command", MIDDLE), is_range=True),
    Query("a type, backwards", OF_TYPE_BEFORE, ("skill", "skill:19000"), is_range=True),
    *(
        Query(f"{which} {of}{how}", statement, (key, cursor))
        for of, forwards, backwards, keys in (
            (
                "collection",
                IN_COLLECTION_AFTER,
                IN_COLLECTION_BEFORE,
                {"large": "default", "small": "007", "late": "late", "empty": "empty"},
            ),
            (
                "tag",
                TAGGED_AFTER,
                TAGGED_BEFORE,
                {"large": "everyday", "small": "t7", "rare": "rare", "empty": "unused"},
            ),
        )
        for which, key in {**keys, "unknown": "nowhere"}.items()
        for how, statement, cursor in (("", forwards, MIDDLE), (", backwards", backwards, "~"))
    ),
    Query("an unknown type", OF_TYPE_AFTER, ("workflow", "")),
    Query("an id", ONE, ("command:10001",)),
    Query("an unknown id", ONE, ("command:nowhere",)),
)
# One of each kind, for tests that ask again and again.
KINDS: Final = tuple(
    each
    for each in QUERIES
    if each.name
    in {"a page", "the page before", "a type", "large collection", "large tag", "an id"}
)

EXPLAIN: Final = sql.SQL("explain (analyze, timing off, buffers, format json) execute {}")
PREPARE: Final = sql.SQL("prepare {} as ")


def prepare(conn: Connection, queries: Iterable[Query] = QUERIES) -> None:
    """Prepare every query in this session."""
    for each in queries:
        conn.execute(PREPARE.format(sql.Identifier(each.name)) + sql.SQL(each.statement))


def plan(conn: Connection, query: Query, *, mode: PlanCacheMode = "auto") -> Plan:
    """Run a prepared query; return its plan."""
    conn.execute(sql.SQL("set plan_cache_mode = {}").format(mode))
    (told,) = conn.execute(EXPLAIN.format(_call(query))).fetchone() or ([],)
    found: Plan = told[0]["Plan"]
    return found


def answer(conn: Connection, query: Query, *, mode: PlanCacheMode = "auto") -> int:
    """Run a prepared query; return the number of rows."""
    conn.execute(sql.SQL("set plan_cache_mode = {}").format(mode))
    return conn.execute(sql.SQL("execute {}").format(_call(query))).rowcount


def _call(query: Query) -> sql.Composed:
    name = sql.Identifier(query.name)
    if not query.values:
        return sql.Composed([name])
    return sql.SQL("{}({})").format(name, sql.SQL(", ").join(map(sql.Literal, query.values)))
