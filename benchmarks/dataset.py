"""The catalogue to measure, of any size and skew; a shape always gives the same rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import md5
from itertools import accumulate
from random import Random
from typing import Final

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from benchmarks.rounds import progress

TYPES: Final = ("agent", "command", "hook", "skill")
TAGS: Final = 300


@dataclass(frozen=True)
class Shape:
    """The size and skew of a catalogue.

    Every artifact is in `default` and in others; the k-th of them is 1/k**skew as likely.
    """

    artifacts: int = 100_000
    collections: int = 2_000
    memberships: int = 3
    """The collections of one artifact, `default` included."""
    skew: float = 1.0
    tags: int = 4
    versions: int = 3

    def artifact_id(self, number: int) -> str:
        """Return the id of an artifact; numbers are spread over all types."""
        return f"{TYPES[number % len(TYPES)]}:{number:07}"

    def collection_id(self, rank: int) -> str:
        """Return the id of the collection with this rank: 0 is `default`, 1 the next largest."""
        return f"c{rank:05}" if rank else "default"

    def artifact_rows(self) -> Iterator[tuple[str, ...]]:
        """Yield type, name, description, source and metadata."""
        for i in range(self.artifacts):
            yield (
                TYPES[i % len(TYPES)],
                f"{i:07}",
                f"What the artifact numbered {i} is for, said in a sentence of some length.",
                f"github:owner/repository/{i}",
                '{"tools": ["Read", "Grep"]}',
            )

    def collection_rows(self) -> Iterator[tuple[str, str]]:
        """Yield id and name."""
        for rank in range(self.collections):
            yield self.collection_id(rank), f"Collection {rank}" if rank else "Default"

    def membership_rows(self) -> Iterator[tuple[str, str]]:
        """Yield collection id and artifact id."""
        random = Random(1)  # noqa: S311
        others = min(self.memberships, self.collections) - 1
        for i in range(self.artifacts):
            artifact = self.artifact_id(i)
            yield "default", artifact
            chosen: dict[int, None] = {}
            while len(chosen) < others:
                chosen[self._rank(random)] = None
            for rank in chosen:
                yield self.collection_id(rank), artifact

    def tag_rows(self) -> Iterator[tuple[str, str, str]]:
        """Yield id, name and slug."""
        for i in range(TAGS):
            yield f"t{i}", f"tag {i}", f"tag-{i}"

    def artifact_tag_rows(self) -> Iterator[tuple[str, str]]:
        """Yield artifact id and tag id."""
        random = Random(2)  # noqa: S311
        for i in range(self.artifacts):
            chosen: dict[int, None] = {}
            while len(chosen) < self.tags:
                chosen[int(random.random() ** 2 * TAGS)] = None
            for tag in chosen:
                yield self.artifact_id(i), f"t{tag}"

    def version_rows(self) -> Iterator[tuple[str, str, str]]:
        """Yield artifact id, content hash and version; the last one is the newest."""
        for i in range(self.artifacts):
            for n in range(self.versions):
                digest = md5(f"{i}.{n}".encode(), usedforsecurity=False).hexdigest()
                yield self.artifact_id(i), digest, f"1.{n}"

    def _rank(self, random: Random) -> int:
        return 1 + random.choices(self._ranks, cum_weights=self._weights)[0]

    @cached_property
    def _ranks(self) -> range:
        return range(self.collections - 1)

    @cached_property
    def _weights(self) -> list[float]:
        return list(accumulate(1 / k**self.skew for k in range(1, self.collections)))


# Search indexes are built after the load, in one pass, as a DBA would.
SEARCHED: Final = """
    select c.oid::regclass::text, pg_get_indexdef(c.oid)
    from pg_index as i
    inner join pg_class as c on c.oid = i.indexrelid
    inner join pg_am as m on m.oid = c.relam
    where m.amname = 'gin' and c.relnamespace = current_schema()::regnamespace
"""


def load(conn: Connection, shape: Shape) -> None:
    """Fill a catalogue, settle its counts, refresh, vacuum; `conn` is in autocommit."""
    searched = conn.execute(SEARCHED).fetchall()
    for index, _ in searched:
        conn.execute(SQL("drop index {}").format(SQL(index)))
    _copy(conn, "artifacts", "type name description source metadata", shape.artifact_rows())
    _copy(conn, "collections", "id name", shape.collection_rows())
    _copy(conn, "collection_artifacts", "collection_id artifact_id", shape.membership_rows())
    _copy(conn, "tags", "id name slug", shape.tag_rows())
    _copy(conn, "artifact_tags", "artifact_id tag_id", shape.artifact_tag_rows())
    _copy(conn, "artifact_versions", "artifact_id content_hash version", shape.version_rows())
    for _, definition in searched:
        conn.execute(definition.encode())
    conn.execute("select settle_counts()")
    conn.execute("select refresh_artifact_summaries()")
    conn.execute("vacuum analyze")


def _copy(conn: Connection, table: str, columns: str, rows: Iterable[tuple[str, ...]]) -> None:
    copy = SQL("copy {} ({}) from stdin").format(
        Identifier(table), SQL(", ").join(map(Identifier, columns.split()))
    )
    with progress() as bar, conn.cursor() as cursor, cursor.copy(copy) as target:
        for row in bar.track(rows, description=f"loading {table}", total=None):
            target.write_row(row)
