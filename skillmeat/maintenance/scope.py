"""What is verified: all of a catalogue, one collection or a sample, a batch at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from skillmeat.maintenance.count_batches import COUNTERS, Counts, every, of_collection, sampled
from skillmeat.query import Conn, scalar

ARTIFACTS: Final = 2000


@dataclass(frozen=True, slots=True)
class Summaries:
    """Summaries of artifacts to look at; `work` is how many."""

    ids: list[str]
    work: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What to verify: everything, or a `collection` by its id, or a `sample` of so many.

    A collection is verified with its groups and the summaries of its members; a sample is that many
    counts of each counter, and that many artifacts, drawn at random.
    """

    collection: str | None = None
    sample: int | None = None

    def counts(self, conn: Conn) -> Iterator[Counts]:
        """The counts, in batches. Raises `UnknownCollection` where there is no such collection."""
        if self.collection is not None:
            yield from of_collection(conn, self.collection)
            return
        for counter in COUNTERS:
            if self.sample is None:
                yield from every(conn, counter)
            else:
                yield from sampled(conn, counter, most=self.sample)

    def summaries(self, conn: Conn) -> Iterator[Summaries]:
        """The artifacts, in batches, those that only a summary knows included."""
        if self.sample is not None:
            drawn = scalar(conn, SAMPLED_ARTIFACTS, {"limit": self.sample})
            for start in range(0, len(drawn), ARTIFACTS):
                ids = drawn[start : start + ARTIFACTS]
                yield Summaries(ids, len(ids))
            return
        statement = ALL_ARTIFACTS if self.collection is None else MEMBERS
        after = ""
        while True:
            values = {"after": after, "limit": ARTIFACTS, "collection": self.collection}
            ids = scalar(conn, statement, values)
            if not ids:
                return
            yield Summaries(ids, len(ids))
            after = ids[-1]

    def work(self, conn: Conn) -> int | None:
        """How many rows and artifacts there are to look at, about; None for a part of them."""
        is_part = self.collection is not None or self.sample is not None
        return None if is_part else int(scalar(conn, WORK, {}))


CATALOGUE: Final = Scope()

ALL_ARTIFACTS: Final = """
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

MEMBERS: Final = """
    select array(
        select m.artifact_id
        from collection_artifacts as m
        where m.collection_id = %(collection)s and m.artifact_id > %(after)s
        order by m.artifact_id
        limit %(limit)s
    )
"""

SAMPLED_ARTIFACTS: Final = """
    select array(
        select a.id
        from (select id from artifact_summaries_live order by random() limit %(limit)s) as a
        order by a.id
    )
"""

WORK: Final = """
    select
        (select coalesce(sum(c.artifact_count + c.group_count), 0) from collection_summaries as c)
        + (select coalesce(sum(g.artifact_count), 0) from group_summaries as g)
        + (select coalesce(sum(t.artifact_count), 0) from tag_summaries as t)
        + (select coalesce(sum(2 * a.artifact_count), 0) from artifact_type_summaries as a)
"""
