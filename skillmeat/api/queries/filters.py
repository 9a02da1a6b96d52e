"""How the artifacts of a page are chosen, and how many there are in all.

One of the filters that are given is gone through in the order of ids, from an index, once for each
of its tags and for each type; the others are asked about each id, and so are tags and types where
there are many, because each that is gone through makes the statement and its plan longer. The limit
is part of the text: a plan for all values must know that a page is all that it reads.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, Self

from psycopg.sql import SQL, Composed

from skillmeat.api.queries.page_document import NO_PROBLEM, order_of, range_of
from skillmeat.api.queries.projections import TOOLS
from skillmeat.catalogue._artifact_filters import OF_ALL
from skillmeat.catalogue.pagination import get_fetch_limit

FILTERS: Final = frozenset({"search", "group", "collection", "tags", "tools", "types"})
# More ways through an index than these are not taken in one statement.
MOST_WAYS: Final = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """The names of what is given, and how many types and tags may be gone through one by one.

    The collection is meant by its id, or else by its name unless `is_by_id`.
    """

    given: frozenset[str]
    types: int = 0
    tags: int = 0
    is_by_id: bool = False

    @classmethod
    def of(
        cls,
        given: Collection[str],
        *,
        types: int = 0,
        tags: int = 0,
        is_by_id: bool = False,
    ) -> Self:
        """What is given, with so many types and tags."""
        return cls(
            frozenset(given),
            types=types if types <= MOST_WAYS else 0,
            tags=tags if tags * max(types, 1) <= MOST_WAYS else 0,
            is_by_id=is_by_id,
        )

    @property
    def filters(self) -> frozenset[str]:
        """The names of the filters that are given."""
        return self.given & FILTERS


ALL: Final = SQL(
    """
    select s.*, s.id as key
    from artifact_summaries as s
    where {conditions}
    order by {order}
    limit {rows}
    """
)
# The page is chosen first, from indexes alone; what is read of an artifact is behind an OFFSET 0,
# so that it is looked up by id, and taken for one row.
CHOSEN: Final = SQL(
    """
    select s.*, s.id as key
    from (select id from ({choices}) as c (id) order by {order} limit {rows}) as chosen
    cross join lateral (
        select * from artifact_summaries as s where s.id = chosen.id offset 0
    ) as s
    """
)
SOME: Final = SQL("(select f.id from {source} where {conditions} order by {order} limit {rows})")
EVERY: Final = SQL("(select f.id from {source} where {conditions})")

ID: Final = SQL("f.id")
# What ids are chosen from; the first that is given is gone through.
SOURCES: Final = {
    "search": SQL('(select artifact_id collate "C" from search_artifacts(%(search)s)) as f (id)'),
    "group": SQL(
        "(select artifact_id, collection_id, group_id from group_artifacts)"
        " as f (id, collection_id, group_id)"
    ),
    "collection": SQL(
        "(select artifact_id, collection_id from collection_artifacts) as f (id, collection_id)"
    ),
    "tags": SQL("(select artifact_id, tag_id from artifact_tags) as f (id, tag_id)"),
    "all": SQL("(select id from artifacts) as f (id)"),
}
IS_IN_GROUP: Final = SQL("f.collection_id = %(collection)s and f.group_id = %(group)s")
IS_IN_COLLECTION: Final = SQL("f.collection_id = {}")
HAS_TAG: Final = SQL("f.tag_id = {}")
IS_MEMBER: Final = SQL(
    """exists (
        select
        from collection_artifacts as m
        where m.artifact_id = f.id and m.collection_id = {}
    )"""
)
HAS_ANY_TAG: Final = SQL(
    """exists (
        select
        from artifact_tags as m
        inner join tags as t on t.id = m.tag_id
        where
            m.artifact_id = f.id
            and (t.name = any (%(tags)s::text[]) or t.slug = any (%(tags)s::text[]))
    )"""
)
USES_ANY_TOOL: Final = SQL(
    """exists (
        select
        from artifacts as s
        cross join lateral jsonb_array_elements_text({}) as used (tool)
        where s.id = f.id and lower(used.tool) = any (%(tools)s::text[])
    )"""
).format(TOOLS)
# Those of a type are a range of the key, up to the character after the colon.
IS_OF_TYPE: Final = SQL(
    "{id} > (%(types)s::text[])[{at}] || ':' and {id} < (%(types)s::text[])[{at}] || ';'"
)
IS_OF_ANY_TYPE: Final = SQL("split_part(f.id, ':', 1) = any (%(types)s::text[])")

BY_ID: Final = SQL("%(collection)s::text")
BY_ID_OR_NAME: Final = SQL(
    """(
        select c.id
        from collections as c
        where c.id = %(collection)s or c.name = %(collection)s
        order by c.id = %(collection)s desc
        limit 1
    )"""
)
TAG: Final = SQL(
    """(
        select t.id
        from tags as t
        where t.name = (%(tags)s::text[])[{at}] or t.slug = (%(tags)s::text[])[{at}]
        order by t.name = (%(tags)s::text[])[{at}] desc
        limit 1
    )"""
)

OF_COLLECTION: Final = SQL(
    "(select c.artifact_count from collection_summaries as c where c.id = {})"
)
OF_GROUP: Final = SQL(
    """(
        select g.artifact_count
        from group_summaries as g
        where g.id = %(group)s and g.collection_id = %(collection)s
    )"""
)
OF_TAG: Final = SQL("(select t.artifact_count from tag_summaries as t where t.id = {})").format(
    TAG.format(at=1)
)
OF_TYPES: Final = SQL(
    """(
        select sum(t.artifact_count)::bigint
        from artifact_type_summaries as t
        where t.type = any (%(types)s::text[])
    )"""
)
COUNTED: Final = SQL("(select count(*) from ({}) as c)")

UNKNOWN_TYPE: Final = SQL(
    """(
        select t.type
        from unnest(%(types)s::text[]) as t (type)
        where not exists (select from artifact_types as a where a.type = t.type)
        limit 1
    )"""
)
IS_COLLECTION: Final = SQL("exists (select from collections as c where c.id = {})")


def page_of(choice: Choice, limit: int) -> Composed:
    """The rows of a page and one more, in any order, each with its id as the key."""
    rows = get_fetch_limit(limit)
    if not choice.filters or (choice.filters == {"types"} and choice.types == 1):
        key = SQL("s.id")
        conditions = [range_of(choice.given, key)]
        if choice.types:
            conditions.append(IS_OF_TYPE.format(id=key, at=1))
        return ALL.format(
            conditions=SQL(" and ").join(conditions),
            order=order_of(choice.given, key),
            rows=rows,
        )
    return CHOSEN.format(
        choices=_union(
            choice,
            SOME,
            within=range_of(choice.given, ID),
            order=order_of(choice.given, ID),
            rows=rows,
        ),
        order=order_of(choice.given, SQL("id")),
        rows=rows,
    )


def total_of(choice: Choice) -> Composed:
    """How many artifacts the filters keep: what a counter knows, else counted."""
    known = {
        frozenset[str](): OF_ALL,
        frozenset({"types"}): OF_TYPES,
        frozenset({"collection"}): OF_COLLECTION.format(_collection(choice)),
        frozenset({"collection", "group"}): OF_GROUP,
    }.get(choice.filters)
    if choice.filters == {"tags"} and choice.tags == 1:
        known = OF_TAG
    if known is None:
        known = COUNTED.format(_union(choice, EVERY, within=SQL("true")))
    return SQL("coalesce({}, 0)").format(known)


def problem_of(choice: Choice) -> SQL | Composed:
    """What is asked for and is not there: `collection`, or the name of a type."""
    problems: list[Composed] = []
    if "collection" in choice.given:
        problems.append(
            SQL("case when not {} then 'collection' end").format(
                IS_COLLECTION.format(_collection(choice))
            )
        )
    if "types" in choice.given:
        problems.append(SQL("'type ' || {}").format(UNKNOWN_TYPE))
    return SQL("coalesce({})").format(SQL(", ").join(problems)) if problems else NO_PROBLEM


def _union(choice: Choice, template: SQL, *, within: SQL | Composed, **parts: object) -> Composed:
    choices = [
        template.format(source=source, conditions=SQL(" and ").join(conditions), **parts)
        for source, conditions in _choices(choice, within)
    ]
    # Of two tags an artifact may have both; of two types it is one.
    both = " union " if _driver(choice) == "tags" and choice.tags > 1 else " union all "
    return SQL(both).join(choices)


def _choices(choice: Choice, within: SQL | Composed) -> Iterator[tuple[SQL, list[SQL | Composed]]]:
    driver = _driver(choice)
    shared: list[SQL | Composed] = [within, *_conditions(choice, driver)]
    for tag in range(1, choice.tags + 1) if driver == "tags" else (0,):
        for kind in range(1, choice.types + 1) or (0,):
            conditions = [*shared]
            if tag:
                conditions.append(HAS_TAG.format(TAG.format(at=tag)))
            if kind:
                conditions.append(IS_OF_TYPE.format(id=ID, at=kind))
            yield SOURCES[driver], conditions


def _driver(choice: Choice) -> str:
    given = choice.given if choice.tags else choice.given - {"tags"}
    return next((source for source in SOURCES if source in given), "all")


def _conditions(choice: Choice, driver: str) -> Iterator[SQL | Composed]:
    if driver == "group":
        yield IS_IN_GROUP
    elif driver == "collection":
        yield IS_IN_COLLECTION.format(_collection(choice))
    elif "collection" in choice.given:
        yield IS_MEMBER.format(_collection(choice))
    if driver != "tags" and "tags" in choice.given:
        yield HAS_ANY_TAG
    if "types" in choice.given and not choice.types:
        yield IS_OF_ANY_TYPE
    if "tools" in choice.given:
        yield USES_ANY_TOOL


def _collection(choice: Choice) -> SQL:
    return BY_ID if choice.is_by_id else BY_ID_OR_NAME
