"""Split the catalogue, a collection or a sample into the batches of `verify` and `repair`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL, Identifier

from skillmeat.database.query import Conn, Statement, fetch_scalar, fetch_tuples
from skillmeat.errors import UnknownCollection

# Small enough to hold no snapshot for long, large enough to spend most of the time on counting.
COUNTS_PER_BATCH: Final = 500
SUMMARIES_PER_BATCH: Final = 2000


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter and the view that shows its exact value."""

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
class CountBatch:
    """Counts of one counter, by the keys of their parents; `rows` estimates the counted rows."""

    counter: str
    parents: list[str]
    rows: int


@dataclass(frozen=True, slots=True)
class SummaryBatch:
    """Ids of artifacts whose summaries are compared."""

    ids: list[str]


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a catalogue to verify: all of it, a collection, or a random sample.

    `collection` is an id; its groups and the summaries of its members are included. `sample` is a
    number: of counts of each counter, and of artifacts.
    """

    collection: str | None = None
    sample: int | None = None

    def count_batches(self, conn: Conn) -> Iterator[CountBatch]:
        """Yield the counts in batches. Raises `UnknownCollection`."""
        if self.collection is not None:
            yield from _batch_counts_of_collection(conn, self.collection)
            return
        for counter in COUNTERS:
            if self.sample is None:
                yield from _batch_counts(conn, counter)
            else:
                statement = _counting(counter, SAMPLE_OF_COUNTS)
                yield from _read_batch(conn, counter.name, statement, {"limit": self.sample})

    def summary_batches(self, conn: Conn) -> Iterator[SummaryBatch]:
        """Yield the artifacts in batches, also those that exist only in artifact_summaries."""
        if self.sample is not None:
            sample = fetch_scalar(conn, SAMPLE_OF_ARTIFACTS, {"limit": self.sample})
            for start in range(0, len(sample), SUMMARIES_PER_BATCH):
                yield SummaryBatch(sample[start : start + SUMMARIES_PER_BATCH])
            return
        statement = NEXT_ARTIFACTS if self.collection is None else NEXT_MEMBERS
        after = ""
        while True:
            values = {"after": after, "limit": SUMMARIES_PER_BATCH, "collection": self.collection}
            ids = fetch_scalar(conn, statement, values)
            if not ids:
                return
            yield SummaryBatch(ids)
            after = ids[-1]

    def estimate_rows(self, conn: Conn) -> int | None:
        """Estimate how many rows and artifacts are compared; None for a part of a catalogue."""
        is_part = self.collection is not None or self.sample is not None
        return None if is_part else int(fetch_scalar(conn, ESTIMATED_ROWS, {}))


WHOLE_CATALOGUE: Final = Scope()

NEXT_COUNTS: Final = SQL(
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

SAMPLE_OF_COUNTS: Final = SQL(
    """
    select array_agg(p.key), sum(p.counted)::bigint
    from (
        select {key}::text as key, {count} as counted
        from {view}
        where {key} = any (array(select {key} from {view} order by random() limit %(limit)s))
    ) as p
    """
)

COUNTS_OF_COLLECTION: Final = """
    select s.artifact_count, s.group_count
    from collection_summaries as s
    where s.id = %(collection)s
"""

GROUPS_OF_COLLECTION: Final = """
    select array_agg(g.id::text), sum(g.artifact_count)::bigint
    from group_summaries as g
    where g.collection_id = %(collection)s
"""

NEXT_ARTIFACTS: Final = """
    select array(
        select k.id
        from (
            (
                select s.id
                from artifact_summaries as s
                where s.id > %(after)s
                order by s.id
                limit %(limit)s
            )
            union
            (
                select a.id
                from artifact_summaries_live as a
                where a.id > %(after)s
                order by a.id
                limit %(limit)s
            )
        ) as k
        order by k.id
        limit %(limit)s
    )
"""

NEXT_MEMBERS: Final = """
    select array(
        select m.artifact_id
        from collection_artifacts as m
        where m.collection_id = %(collection)s and m.artifact_id > %(after)s
        order by m.artifact_id
        limit %(limit)s
    )
"""

SAMPLE_OF_ARTIFACTS: Final = """
    select array(
        select a.id
        from (select id from artifact_summaries_live order by random() limit %(limit)s) as a
        order by a.id
    )
"""

ESTIMATED_ROWS: Final = """
    select
        (select coalesce(sum(c.artifact_count + c.group_count), 0) from collection_summaries as c)
        + (select coalesce(sum(g.artifact_count), 0) from group_summaries as g)
        + (select coalesce(sum(t.artifact_count), 0) from tag_summaries as t)
        + (select coalesce(sum(2 * a.artifact_count), 0) from artifact_type_summaries as a)
"""


def _batch_counts(conn: Conn, counter: Counter) -> Iterator[CountBatch]:
    """Yield all counts of a counter, in the order of their keys."""
    statement = _counting(counter, NEXT_COUNTS)
    after = ""
    while True:
        values = {"after": after, "limit": COUNTS_PER_BATCH}
        batch = tuple(_read_batch(conn, counter.name, statement, values))
        if not batch:
            return
        yield from batch
        after = batch[-1].parents[-1]


def _batch_counts_of_collection(conn: Conn, collection: str) -> Iterator[CountBatch]:
    """Yield the counts of a collection and of its groups."""
    values = {"collection": collection}
    counts = fetch_tuples(conn, COUNTS_OF_COLLECTION, values)
    if not counts:
        raise UnknownCollection.from_ids(collection)
    ((artifacts, groups),) = counts
    yield CountBatch("collections.artifact_count", [collection], artifacts)
    yield CountBatch("collections.group_count", [collection], groups)
    yield from _read_batch(conn, "groups.artifact_count", GROUPS_OF_COLLECTION, values)


def _counting(counter: Counter, statement: SQL) -> Statement:
    return statement.format(
        key=Identifier(counter.key), count=Identifier(counter.count), view=Identifier(counter.view)
    )


def _read_batch(
    conn: Conn, counter: str, statement: Statement, values: Mapping[str, object]
) -> Iterator[CountBatch]:
    for parents, rows in fetch_tuples(conn, statement, values):
        if parents:
            yield CountBatch(counter, parents, rows)
