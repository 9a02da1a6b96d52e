"""What an exact page costs a reader: `python -m benchmarks.read_path [ARTIFACTS …]`.

One catalogue a size, 10,000 and 100,000 artifacts unless given: 2,000 collections, every artifact
in `default` and three memberships on average, 4 tags and 3 versions each. Pages of 50 at random
cursors, read by the rungs in turn, so that only ratios count. A million artifacts take ten minutes
to build.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from psycopg import Connection

from benchmarks.harness import Measurement, durable_server, in_turn, print_table
from skillmeat import connect, migration
from skillmeat.artifacts import list_artifacts

SIZES = (10_000, 100_000)
ROUNDS = 15
PAGES = 100
TYPES = ("agent", "command", "hook", "skill")

# {artifacts} is a number; what is not in `default` is spread as a Zipf law spreads it.
FILL = """
    insert into artifacts (type, name, description, source, metadata)
    select
        (array['agent', 'command', 'hook', 'skill'])[1 + i % 4],
        to_char(i, 'FM0000000'),
        'What the artifact numbered ' || i || ' is for, said in a sentence of some length.',
        'github:owner/repository/' || i,
        '{{"tools": ["Read", "Grep"]}}'
    from generate_series(0, {artifacts} - 1) as i;

    insert into collections (id, name) values ('default', 'Default');
    insert into collections (name) select 'collection ' || i from generate_series(2, 2000) as i;

    insert into collection_artifacts (collection_id, artifact_id)
    select 'default', id from artifacts;
    insert into collection_artifacts (collection_id, artifact_id)
    select c.ids[1 + floor(power(random(), 3) * 1999)::int], a.id
    from artifacts as a
    cross join (select array_agg(id) as ids from collections where id <> 'default') as c
    cross join generate_series(1, 2)
    on conflict do nothing;

    insert into tags (name, slug) select 'tag ' || i, 'tag-' || i from generate_series(1, 300) as i;
    insert into artifact_tags (artifact_id, tag_id)
    select a.id, t.ids[1 + floor(power(random(), 2) * 300)::int]
    from artifacts as a
    cross join (select array_agg(id) as ids from tags) as t
    cross join generate_series(1, 4)
    on conflict do nothing;

    insert into artifact_versions (artifact_id, content_hash, version)
    select a.id, md5(a.id || n), '1.' || n
    from artifacts as a
    cross join generate_series(1, 3) as n;

    select settle_counts();
    select refresh_artifact_summaries();
    vacuum analyze;
"""

BARE = "select * from artifacts where id > %s order by id limit 50"
SNAPSHOT = "select * from artifact_summaries_snapshot where id > %s order by id limit 50"
EXACT = "select * from artifact_summaries where id > %s order by id limit 50"
# As a careful person writes it: the page first, then what belongs to it, with the counters.
JOINS = """
    select
        a.*,
        array(
            select t.name
            from artifact_tags as x
            inner join tags as t on t.id = x.tag_id
            where x.artifact_id = a.id
            order by t.name
        ) as tags,
        (
            select v.version
            from artifact_versions as v
            where v.artifact_id = a.id
            order by v.created_at desc, v.id desc
            limit 1
        ) as version,
        (
            select jsonb_agg(
                jsonb_build_object(
                    'id', c.id, 'name', c.name, 'artifact_count', c.artifact_count
                )
                order by c.id <> 'default', c.name
            )
            from collection_artifacts as m
            inner join collection_summaries as c on c.id = m.collection_id
            where m.artifact_id = a.id
        ) as collections
    from (select * from artifacts where id > %s order by id limit 50) as a
    order by a.id
"""

CHANGE = """
    update artifacts
    set title = 'changed'
    where id in (select id from artifacts order by random() limit {changes})
"""


@dataclass(frozen=True, slots=True)
class Reader:
    """A way to read the page after a cursor."""

    conn: Connection
    artifacts: int
    page: Callable[[Connection, str], object]


def statement(text: str) -> Callable[[Connection, str], object]:
    """Read by one prepared statement, and fetch its rows."""

    def page(conn: Connection, after: str) -> object:
        return conn.execute(text, (after,), prepare=True).fetchall()

    return page


RUNGS: dict[str, Callable[[Connection, str], object]] = {
    "bare artifacts": statement(BARE),
    "snapshot": statement(SNAPSHOT),
    "exact": statement(EXACT),
    "joins": statement(JOINS),
    "list_artifacts": lambda conn, after: list_artifacts(conn, after=after),
}
RATIOS = (
    ("exact", "bare artifacts"),
    ("joins", "exact"),
    ("list_artifacts", "exact"),
)


def main() -> None:
    """Measure every size and state, print, and leave nothing behind."""
    sizes = [int(each) for each in sys.argv[1:]] or SIZES
    with durable_server() as url:
        measurements = [found for size in sizes for found in _states(url, size)]
    print_table(measurements, tuple(RUNGS), RATIOS)


def _states(url: str, artifacts: int) -> list[Measurement]:
    schema = f"bench_{artifacts}"
    migration.up(url=url, schema=schema)
    with connect(url, schema=schema, autocommit=True) as conn:
        for each in FILL.format(artifacts=artifacts).split(";\n"):
            if each.strip():
                conn.execute(each)
        readers = {name: Reader(conn, artifacts, page) for name, page in RUNGS.items()}

        def measured(state: str) -> Measurement:
            name = f"{artifacts:,} artifacts, {state}"
            return Measurement(name, "ms", in_turn(name, ROUNDS, readers, _a_page))

        found = [measured("nothing pending")]
        tenth = artifacts // 10
        for _ in range(10):
            conn.execute(CHANGE.format(changes=tenth // 10))
        found.append(measured(f"{tenth:,} changed"))
        conn.execute("update artifacts set title = 'changed again'")
        found.append(measured("all changed at once"))
        return found


def _a_page(reader: Reader) -> float:
    """Milliseconds, the median over pages at random cursors."""
    taken = []
    for _ in range(PAGES):
        number = random.randrange(reader.artifacts)  # noqa: S311
        after = f"{TYPES[number % 4]}:{number:07}"
        started = time.perf_counter()
        reader.page(reader.conn, after)
        taken.append((time.perf_counter() - started) * 1e3)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
