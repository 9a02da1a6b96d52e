"""How the artifacts of a page are chosen, by index alone, and how many there are in all.

The limit is part of the text and no parameter: a plan for all values must know that a page is all
that it reads.
"""

from typing import Final

from psycopg.sql import SQL, Composed, Identifier

from skillmeat.catalogue.pagination import get_fetch_limit

FILTERS: Final = frozenset({"type", "collection", "tag", "search"})
OF_TYPE: Final = SQL(
    "(select t.artifact_count from artifact_type_summaries as t where t.type = %(type)s)"
)
OF_COLLECTION: Final = SQL(
    "(select c.artifact_count from collection_summaries as c where c.id = %(collection)s)"
)
OF_TAG: Final = SQL("(select t.artifact_count from tag_summaries as t where t.slug = %(tag)s)")
OF_ALL: Final = SQL("(select sum(t.artifact_count)::bigint from artifact_type_summaries as t)")
# What a counter knows in one step, for the filters that are given.
TOTALS: Final = {
    frozenset[str](): OF_ALL,
    frozenset({"type"}): OF_TYPE,
    frozenset({"collection"}): OF_COLLECTION,
    frozenset({"tag"}): OF_TAG,
}

PAGE: Final = SQL(
    """
    select null::integer as rank, s.*
    from artifact_summaries as s
    where {conditions}
    order by {order}
    limit {rows}
    """
)
# The page is chosen first, from indexes alone, so that no more than a page is looked at. What is
# read of an artifact is behind an OFFSET 0, so that it is looked up by id, and taken for one row.
CHOSEN_PAGE: Final = SQL(
    """
    select chosen.rank, s.*
    from ({choices}) as chosen
    cross join lateral (
        select *
        from artifact_summaries as s
        where s.id = chosen.id
        offset 0
    ) as s
    limit {rows}
    """
)
CHOICE: Final = SQL(
    """
    (
        select {rank} as rank, {id} as id
        from {source}
        where {conditions}
        order by {order}
        limit {rows}
    )
    """
)
# Where ids are chosen from, and which of its rows.
SOURCES: Final = {
    "search": SQL(
        '(select artifact_id collate "C" as artifact_id, rank'
        " from search_artifacts(%(search)s)) as search"
    ),
    "collection": SQL("collection_artifacts as collection"),
    "tag": SQL("artifact_tags as tag"),
}
CONDITIONS: Final = {
    "search": SQL("true"),
    "collection": SQL("collection.collection_id = %(collection)s"),
    "tag": SQL("tag.tag_id = (select t.id from tag_summaries as t where t.slug = %(tag)s)"),
}
# Looked up, one id after the other, in the order in which they come.
IS_IN: Final = SQL("(select true from {source} where {condition} and {its_id} = {id})")
# Of a collection and a tag the smaller one is gone through.
DRIVES: Final = {
    "collection": SQL("{} < {}").format(OF_COLLECTION, OF_TAG),
    "tag": SQL("{} <= {}").format(OF_TAG, OF_COLLECTION),
}
RANGES: Final = {
    # Those of a type are a range of the key, up to the character after the colon.
    "type": SQL(
        "{id} > %(type)s::text || ':' and {id} < %(type)s::text || ';'"
        " and strpos(%(type)s::text, ':') = 0"
    ),
    "after": SQL("{id} > %(after)s"),
    "before": SQL("{id} < %(before)s"),
}
RANKED_RANGES: Final = {
    "type": RANGES["type"],
    "after": SQL("(-search.rank, {id}) > (-%(rank)s::integer, %(after)s)"),
    "before": SQL("(-search.rank, {id}) < (-%(rank)s::integer, %(before)s)"),
}
ORDERS: Final = (SQL("{id}"), SQL("{id} desc"))
RANKED_ORDERS: Final = (SQL("search.rank desc, {id}"), SQL("search.rank, {id} desc"))


def total_of(given: frozenset[str]) -> SQL | Composed:
    """How many artifacts the filters keep, or null where no counter knows."""
    known = TOTALS.get(given & FILTERS)
    return SQL("null") if known is None else SQL("coalesce({}, 0)").format(known)


def page_of(given: frozenset[str], limit: int) -> Composed:
    """The rows of a page and one more, in any order, each with its rank in a search."""
    sources = given & SOURCES.keys()
    if not sources:
        return PAGE.format(**_list(given, Identifier("s", "id"), limit))
    choices = [_choice(given, driver, limit) for driver in sorted({"search"} & sources or sources)]
    return CHOSEN_PAGE.format(choices=SQL(" union all ").join(choices), rows=get_fetch_limit(limit))


def _choice(given: frozenset[str], driver: str, limit: int) -> Composed:
    id_column = Identifier(driver, "artifact_id")
    conditions: list[SQL | Composed] = [CONDITIONS[driver]]
    for other in sorted(given & SOURCES.keys() - {driver}):
        its_id = Identifier(other, "artifact_id")
        conditions.append(
            IS_IN.format(
                source=SOURCES[other], condition=CONDITIONS[other], its_id=its_id, id=id_column
            )
        )
        if driver != "search":
            conditions.append(DRIVES[driver])
    return CHOICE.format(
        rank=Identifier("search", "rank") if driver == "search" else SQL("null::integer"),
        source=SOURCES[driver],
        **_list(given, id_column, limit, *conditions),
    )


def _list(
    given: frozenset[str], id_column: Identifier, limit: int, *conditions: SQL | Composed
) -> dict[str, object]:
    is_ranked = "search" in given
    ranges, orders = (RANKED_RANGES, RANKED_ORDERS) if is_ranked else (RANGES, ORDERS)
    asked = [ranges[name].format(id=id_column) for name in ranges if name in given]
    return {
        "id": id_column,
        "conditions": SQL(" and ").join([SQL("true"), *conditions, *asked]),
        "order": orders["before" in given].format(id=id_column),
        "rows": get_fetch_limit(limit),
    }
