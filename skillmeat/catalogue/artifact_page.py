"""The SQL of a page of artifacts: its rows, its total, and an unknown collection or type.

The limit is part of the text: as a parameter, it would hide from a generic plan how few rows a page
reads.
"""

from dataclasses import replace
from typing import Final

from psycopg.sql import SQL

from skillmeat.catalogue.artifact_filters import (
    EXISTS,
    IS_OF_TYPE,
    LOOKUP,
    TOTAL,
    TOTAL_OF_COLLECTION,
    TOTAL_OF_TAG,
    ArtifactFilters,
    build_scans,
    join_scans,
)
from skillmeat.catalogue.artifact_order import ORDERS
from skillmeat.catalogue.page_statement import (
    FALSE,
    NO_TYPE,
    Fragment,
    build_key_order,
    build_key_range,
)
from skillmeat.catalogue.pagination import get_fetch_limit

WHOLE_PAGE: Final = SQL(
    """
    select s.*, s.id as key
    from artifact_summaries_json as s
    where {conditions}
    order by {order}
    limit {limit}
    """
)
# The ids are chosen first, from indexes alone. OFFSET 0 keeps the planner from merging the inner
# select: it looks up each artifact by its id and expects one row.
CHOSEN_PAGE: Final = SQL(
    """
    select s.*, {cursor} as key
    from (select {columns} from ({scans}) as f order by {order} limit {limit}) as chosen
    cross join lateral (
        select {positions} s.* from artifact_summaries_json as s where s.id = chosen.id offset 0
    ) as s
    """
)
LIMITED_SCAN: Final = SQL("({scan} order by {order} limit {limit})")
COUNTED: Final = SQL("(select count(*) from ({scans}) as f)")
TOTAL_OF_TYPES: Final = SQL(
    """(
        select sum(t.artifact_count)::bigint
        from artifact_type_summaries as t
        where t.type = any (%(types)s::text[])
    )"""
)
TOTAL_OF_GROUP: Final = SQL(
    """(
        select g.artifact_count
        from group_summaries as g
        where g.id = %(group)s and g.collection_id = {}
    )"""
)
UNKNOWN_COLLECTION: Final = SQL(
    "not exists (select from collection_summaries as c where c.id = {})"
)
UNKNOWN_TYPE: Final = SQL(
    """(
        select t.type
        from unnest(%(types)s::text[]) as t (type)
        where not exists (select from artifact_type_summaries as a where a.type = t.type)
        limit 1
    )"""
)


def select_page(filters: ArtifactFilters, limit: int) -> Fragment:
    """Build the select of a page: an artifact's columns, its `key`, which is its cursor.

    It has a `position` besides, unless the order is by id.
    """
    rows = get_fetch_limit(limit)
    order = ORDERS[filters.order]
    is_whole = not filters.filters or (filters.filters == {"types"} and filters.types == 1)
    if is_whole and filters.order == "id":
        key = SQL("s.id")
        conditions: list[Fragment] = [build_key_range(filters.given, key)]
        if filters.types:
            conditions.append(IS_OF_TYPE.format(id=key, at=1))
        return WHOLE_PAGE.format(
            conditions=SQL(" and ").join(conditions),
            order=build_key_order(filters.given, key),
            limit=rows,
        )
    # Lookups are few if the smaller of two filters is scanned. Otherwise the planner chooses.
    lookup = LOOKUP if filters.order == "rank" or len(filters.scanned) > 1 else EXISTS
    sorting = order.sort("f", given=filters.given)
    scans = [
        LIMITED_SCAN.format(scan=scan, order=sorting, limit=rows)
        for scan in build_scans(filters, lookup=lookup, key_range=order.limit(filters.given))
    ]
    return CHOSEN_PAGE.format(
        cursor=order.cursor,
        columns=order.columns,
        positions=SQL("" if filters.order == "id" else "chosen.position,"),
        scans=join_scans(filters, scans),
        order=sorting,
        limit=rows,
    )


def select_total(filters: ArtifactFilters) -> Fragment | None:
    """Build the SQL of the total from a counter, or return None if no counter has it."""
    totals: dict[frozenset[str], Fragment] = {
        frozenset(): TOTAL,
        frozenset({"types"}): TOTAL_OF_TYPES,
        frozenset({"collection"}): TOTAL_OF_COLLECTION.format(filters.collection),
        frozenset({"collection", "group"}): TOTAL_OF_GROUP.format(filters.collection),
    }
    if filters.tags == 1:
        totals[frozenset({"tags"})] = TOTAL_OF_TAG.format(filters.tag_at(1))
    total = totals.get(filters.filters)
    return None if total is None else SQL("coalesce({}, 0)").format(total)


def count_total(filters: ArtifactFilters) -> Fragment:
    """Build the SQL of the total: from a counter if one has it, else by counting the matches."""
    in_any_order = replace(filters, order="id")
    scans = build_scans(in_any_order, lookup=EXISTS, key_range=SQL("true"))
    return select_total(filters) or COUNTED.format(scans=join_scans(in_any_order, scans))


def select_unknown_collection(filters: ArtifactFilters) -> Fragment:
    """Build the SQL that tells whether the collection of the filters does not exist."""
    return UNKNOWN_COLLECTION.format(filters.collection) if "collection" in filters.given else FALSE


def select_unknown_type(filters: ArtifactFilters) -> Fragment:
    """Build the SQL of one type of the filters that does not exist, or null."""
    return UNKNOWN_TYPE if "types" in filters.given else NO_TYPE
