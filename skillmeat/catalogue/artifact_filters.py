"""The filters of a page of artifacts, as SQL that selects the ids of the matching artifacts.

The statement scans one filter: an index returns its ids in order, in one scan for each tag and
type. It looks up the other filters for each id. It looks up long lists of tags and types too,
because each scan makes the statement and its plan longer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from psycopg.sql import SQL, Composed

from skillmeat.catalogue.artifact_metadata import TOOLS
from skillmeat.catalogue.artifact_order import ORDERS, ArtifactOrder
from skillmeat.catalogue.page_statement import NOTHING, Fragment

FILTERS: Final = frozenset({"search", "group", "collection", "tags", "tools", "types"})
# The most index ranges that one statement scans.
MAX_SCANS: Final = 8


@dataclass(frozen=True, slots=True)
class ArtifactFilters:
    """The parameters that a page of artifacts has; pages with equal ones share a statement.

    `given` holds their names: the cursors `after` and `before`, and the filters. An artifact
    matches if it is of any of the `types`, has any of the `tags`, uses any of the `tools` (in
    lowercase), is in the `collection` and in its `group`, and matches the `search`.

    `types` and `tags` say how many of each the statement scans one by one: 0 for a long list.
    `by_name` accepts the names of the collection and the tags, besides the id and the slugs.
    """

    given: frozenset[str]
    types: int = 0
    tags: int = 0
    by_name: bool = False
    order: ArtifactOrder = "id"

    @classmethod
    def from_parameters(
        cls,
        parameters: Mapping[str, object],
        *,
        by_name: bool = False,
        order: ArtifactOrder = "id",
    ) -> Self:
        """Return the filters of a statement's parameters."""
        types, tags = (_count(parameters.get(name)) for name in ("types", "tags"))
        return cls(
            given=frozenset(parameters),
            types=types if types <= MAX_SCANS else 0,
            tags=tags if tags * max(types, 1) <= MAX_SCANS else 0,
            by_name=by_name,
            order=order,
        )

    @property
    def filters(self) -> frozenset[str]:
        """The names of the filters that are given."""
        return self.given & FILTERS

    @property
    def collection(self) -> SQL:
        """The id of the collection."""
        return COLLECTION_BY_NAME if self.by_name else COLLECTION_BY_ID

    @property
    def tag(self) -> SQL:
        """The id of the tag that the text `{tag}` names."""
        return TAG_BY_NAME if self.by_name else TAG_BY_SLUG

    def tag_at(self, at: int) -> Composed:
        """Return the id of a tag of the list, counted from 1."""
        return self.tag.format(tag=TAG_AT.format(at=at))

    @property
    def with_clause(self) -> SQL:
        """The search, which runs once for the page, its total and each of the types."""
        return SEARCH if "search" in self.given else NOTHING

    @property
    def scanned(self) -> tuple[str, ...]:
        """The filters to scan: one, or two of which the statement scans the smaller at run time.

        By name and by change it scans artifacts: no other index is in this order. By position it
        scans the group.
        """
        if self.order in SORTED:
            return (self.order,)
        if self.order == "position":
            return ("group",)
        others = self.filters - {"types", "tools"}
        if others == {"collection", "tags"} and self.tags == 1 and self.types <= 1:
            return ("collection", "tags")
        given = self.given if self.tags else self.given - {"tags"}
        return (next((name for name in SOURCES if name in given), "all"),)


def _count(values: object) -> int:
    return len(values) if isinstance(values, list) else 0


SCAN: Final = SQL("select {columns} from {source} where {conditions}")

SEARCH: Final = SQL(
    """
    with found as materialized (
        select f.artifact_id collate "C" as id, f.rank from search_artifacts(%(search)s) as f
    )
    """
)
SOURCES: Final = {
    "search": SQL("(select id, rank from found) as f (id, position)"),
    "group": SQL(
        "(select artifact_id, collection_id, group_id, position from group_artifacts)"
        " as f (id, collection_id, group_id, position)"
    ),
    "collection": SQL(
        "(select artifact_id, collection_id from collection_artifacts) as f (id, collection_id)"
    ),
    "tags": SQL("(select artifact_id, tag_id from artifact_tags) as f (id, tag_id)"),
    "all": SQL("(select id from artifacts) as f (id)"),
}
SORTED: Final = {
    "name": SQL(
        '(select id, lower(name collate "default") collate "C" from artifacts) as f (id, position)'
    ),
    "updated": SQL("(select id, updated_at from artifacts) as f (id, position)"),
}
ID: Final = SQL("f.id")
IS_IN_GROUP: Final = SQL("f.group_id = %(group)s")
IS_IN_COLLECTION: Final = SQL("f.collection_id = {}")
HAS_TAG: Final = SQL("f.tag_id = {}")
# The ids of a type are one range of the primary key: `;` is the character after `:`.
IS_OF_TYPE: Final = SQL(
    "{id} > (%(types)s::text[])[{at}] || ':' and {id} < (%(types)s::text[])[{at}] || ';'"
    " and strpos((%(types)s::text[])[{at}], ':') = 0"
)
IS_OF_ANY_TYPE: Final = SQL("split_part(f.id, ':', 1) = any (%(types)s::text[])")
# LIMIT makes the planner look up each id in order: it cannot join with a whole index.
LOOKUP: Final = SQL("(select true {} limit 1)")
EXISTS: Final = SQL("exists (select {})")
MEMBERSHIP: Final = SQL(
    "from collection_artifacts as m where m.artifact_id = f.id and m.collection_id = {}"
)
GROUPING: Final = SQL(
    "from group_artifacts as m where m.artifact_id = f.id and m.group_id = %(group)s"
)
IS_FOUND: Final = SQL("f.id in (select w.id from found as w)")
TAGGING: Final = SQL("from artifact_tags as m where m.artifact_id = f.id and m.tag_id = {}")
ANY_TAG: Final = SQL("any (array(select {} from unnest(%(tags)s::text[]) as w (tag)))")
USED_TOOL: Final = SQL(
    """
    from artifacts as s
    cross join lateral jsonb_array_elements_text({}) as used (tool)
    where s.id = f.id and lower(used.tool) = any (%(tools)s::text[])
    """
).format(TOOLS)

COLLECTION_BY_ID: Final = SQL("%(collection)s::text")
COLLECTION_BY_NAME: Final = SQL(
    """(
        select c.id
        from collection_summaries as c
        where c.id = %(collection)s or c.name = %(collection)s
        order by c.id = %(collection)s desc
        limit 1
    )"""
)
TAG_BY_SLUG: Final = SQL("(select t.id from tag_summaries as t where t.slug = {tag})")
TAG_BY_NAME: Final = SQL(
    """(
        select t.id
        from tag_summaries as t
        where t.name = {tag} or t.slug = {tag}
        order by t.name = {tag} desc
        limit 1
    )"""
)
TAG_AT: Final = SQL("(%(tags)s::text[])[{at}]")

TOTAL_OF_COLLECTION: Final = SQL(
    "(select c.artifact_count from collection_summaries as c where c.id = {})"
)
TOTAL: Final = SQL("(select sum(t.artifact_count)::bigint from artifact_type_summaries as t)")
# To fill a page of fifty, the order's index reads about 50 * all / total artifacts, a sort `total`.
IS_LARGE: Final = SQL("coalesce({total} > sqrt(50 * {all}), false)")
TOTAL_OF_TAG: Final = SQL("(select t.artifact_count from tag_summaries as t where t.id = {})")


def build_scans(
    filters: ArtifactFilters, *, lookup: SQL, key_range: Fragment
) -> Iterator[Fragment]:
    """Yield the selects of the ids, with positions, that match the filters and `key_range`.

    `lookup` is `LOOKUP` or `EXISTS`: how the statement tests the other filters for each id.
    """
    for source, test, guards in _list_variants(filters, lookup):
        shared = [key_range, *guards, *_scan_conditions(filters, source, test)]
        for tag in range(1, filters.tags + 1) if source == "tags" else (0,):
            for type_ in range(1, filters.types + 1) or (0,):
                conditions = [*shared]
                if tag:
                    conditions.append(HAS_TAG.format(filters.tag_at(tag)))
                if type_:
                    conditions.append(IS_OF_TYPE.format(id=ID, at=type_))
                yield SCAN.format(
                    columns=ORDERS[filters.order].columns,
                    source={**SOURCES, **SORTED}[source],
                    conditions=SQL(" and ").join(conditions),
                )


def _list_variants(
    filters: ArtifactFilters, lookup: SQL
) -> Iterator[tuple[str, SQL, Sequence[Fragment]]]:
    """Yield what to scan, how to test the other filters, and conditions of the whole scan."""
    totals = []
    if "collection" in filters.given:
        totals.append(TOTAL_OF_COLLECTION.format(filters.collection))
    if filters.tags == 1:
        totals.append(TOTAL_OF_TAG.format(filters.tag_at(1)))
    if filters.order not in SORTED or not totals:
        for source in filters.scanned:
            yield source, lookup, ()
        return
    # In a large collection, look up each artifact of the order until the page is full. Otherwise
    # the planner may sort the members.
    total = SQL("least({})").format(SQL(", ").join(totals))
    yield filters.order, LOOKUP, (IS_LARGE.format(total=total, all=TOTAL),)
    yield filters.order, EXISTS, (SQL("not {}").format(IS_LARGE.format(total=total, all=TOTAL)),)


def join_scans(filters: ArtifactFilters, scans: Iterable[Fragment]) -> Fragment:
    """Join the scans so that each id is selected once."""
    # An artifact may have two of the tags; it has one type.
    has_duplicates = filters.scanned == ("tags",) and filters.tags > 1
    return SQL(" union " if has_duplicates else " union all ").join(scans)


def _scan_conditions(filters: ArtifactFilters, source: str, lookup: SQL) -> Iterator[Fragment]:
    if source != "search" and "search" in filters.given:
        yield IS_FOUND
    if source == "group":
        yield IS_IN_GROUP
    elif "group" in filters.given:
        yield lookup.format(GROUPING)
    if source in {"group", "collection"} and "collection" in filters.given:
        yield IS_IN_COLLECTION.format(filters.collection)
    elif "collection" in filters.given:
        yield lookup.format(MEMBERSHIP.format(filters.collection))
    if source != "tags" and "tags" in filters.given:
        any_tag = ANY_TAG.format(filters.tag.format(tag=SQL("w.tag")))
        yield lookup.format(TAGGING.format(filters.tag_at(1) if filters.tags == 1 else any_tag))
    if "types" in filters.given and not filters.types:
        yield IS_OF_ANY_TYPE
    if "tools" in filters.given:
        yield lookup.format(USED_TOOL)
    if len(filters.scanned) > 1:
        # Scan the collection or the tag, depending on which has fewer artifacts.
        collection = TOTAL_OF_COLLECTION.format(filters.collection)
        tag = TOTAL_OF_TAG.format(filters.tag_at(1))
        is_smaller = "{collection} < {tag}" if source == "collection" else "{tag} <= {collection}"
        yield SQL(is_smaller).format(collection=collection, tag=tag)
