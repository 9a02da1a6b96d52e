"""Which counts there are, in batches: a collection's, a sample, or all of a counter."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL, Identifier

from skillmeat.errors import UnknownCollection
from skillmeat.query import Conn, Statement, all_values

# Short enough that no snapshot is held for long, long enough that most time goes into counting.
PARENTS: Final = 500


@dataclass(frozen=True, slots=True)
class Counter:
    """Where a count is read, exact."""

    name: str
    view: str
    key: str
    count: str


COUNTERS: Final = (
    Counter("collections.artifact_count", "collection_summaries", "id", "artifact_count"),
    Counter("collections.group_count", "collection_summaries", "id", "group_count"),
    Counter("groups.artifact_count", "group_summaries", "id", "artifact_count"),
    Counter("tags.artifact_count", "tag_summaries", "id", "artifact_count"),
    Counter("artifact_types.artifact_count", "artifact_type_summaries", "type", "artifact_count"),
)


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of one counter to look at; `work` is what they say there is to count, in rows."""

    counter: str
    parents: list[str]
    work: int


NEXT: Final = SQL(
    """
    select array_agg(p.key), sum(p.counted)::bigint
    from (
        select {key}::text as key, {count} as counted
        from {view}
        where {key} > %(after)s
        order by {key}
        limit %(limit)s
    ) as p
    """
)

SAMPLED: Final = SQL(
    """
    select array_agg(p.key), sum(p.counted)::bigint
    from (
        select {key}::text as key, {count} as counted
        from {view}
        where {key} = any (array(select {key} from {view} order by random() limit %(limit)s))
    ) as p
    """
)

COUNTED_IN: Final = """
    select s.artifact_count, s.group_count
    from collection_summaries as s
    where s.id = %(collection)s
"""

GROUPS_OF: Final = """
    select array_agg(g.id::text), sum(g.artifact_count)::bigint
    from group_summaries as g
    where g.collection_id = %(collection)s
"""


def every(conn: Conn, counter: Counter) -> Iterator[Counts]:
    """All counts of a counter, in the order of their keys."""
    after = ""
    while True:
        batch = tuple(
            _batch(conn, counter.name, _of(counter, NEXT), {"after": after, "limit": PARENTS})
        )
        if not batch:
            return
        yield from batch
        after = batch[-1].parents[-1]


def sampled(conn: Conn, counter: Counter, *, most: int) -> Iterator[Counts]:
    """That many counts of a counter, drawn at random."""
    yield from _batch(conn, counter.name, _of(counter, SAMPLED), {"limit": most})


def of_collection(conn: Conn, collection: str) -> Iterator[Counts]:
    """The counts of a collection and of its groups. Raises `UnknownCollection`."""
    values = {"collection": collection}
    found = all_values(conn, COUNTED_IN, values)
    if not found:
        raise UnknownCollection.from_ids(collection)
    ((artifacts, groups),) = found
    yield Counts("collections.artifact_count", [collection], artifacts)
    yield Counts("collections.group_count", [collection], groups)
    yield from _batch(conn, "groups.artifact_count", GROUPS_OF, values)


def _of(counter: Counter, statement: SQL) -> Statement:
    return statement.format(
        key=Identifier(counter.key), count=Identifier(counter.count), view=Identifier(counter.view)
    )


def _batch(
    conn: Conn, counter: str, statement: Statement, values: Mapping[str, object]
) -> Iterator[Counts]:
    for parents, work in all_values(conn, statement, values):
        if parents:
            yield Counts(counter, parents, work)
