"""Sessions that read: random pages, the blocks of pages, and the views against COUNT(*)."""

import time
from random import Random
from typing import Any, Final

from psycopg import Connection, IsolationLevel

from benchmarks.soak.dataset import TYPES, artifact_id, some_artifact, some_collection, some_tag
from benchmarks.soak.sessions import Soak
from skillmeat.catalogue import list_artifacts, list_collections
from skillmeat.maintenance import list_count_drift, list_summary_drift


def read_page(soak: Soak, conn: Connection, choice: Random) -> None:
    """Read a page, mostly of all artifacts, else of a type, collection, tag, or of collections."""
    options = soak.options
    after = some_artifact(choice, options)
    match choice.randrange(8):
        case 0:
            list_collections(conn, after=some_collection(choice, options))
        case 1:
            list_artifacts(conn, collection=some_collection(choice, options))
        case 2:
            list_artifacts(conn, tag=some_tag(choice).replace("t", "tag-"))
        case 3:
            list_artifacts(conn, type=choice.choice(TYPES))
        case _:
            list_artifacts(conn, after=after)
    soak.stats.add("pages")


ARTIFACTS: Final = """
    explain (analyze, buffers, timing off, format json)
    select * from artifact_summaries where id > %s order by id limit 50
"""
COLLECTIONS: Final = """
    explain (analyze, buffers, timing off, format json)
    select * from collection_summaries where id > %s order by id limit 50
"""
CURSORS: Final = 8


def measure_blocks(soak: Soak, conn: Connection, _: Random) -> None:
    """Read pages, and record the average blocks of each kind."""
    many = 2 * soak.options.artifacts
    artifacts = [artifact_id(many * n // CURSORS) for n in range(CURSORS)]
    soak.stats.page_costs.append(
        (_blocks(conn, ARTIFACTS, ["", *artifacts]), _blocks(conn, COLLECTIONS, ["", "c2", "c5"]))
    )


def _blocks(conn: Connection, statement: str, cursors: list[str]) -> int:
    plans: list[dict[str, Any]] = []
    for after in cursors:
        row = conn.execute(statement.encode(), (after,), prepare=False).fetchone()
        assert row is not None  # noqa: S101 - EXPLAIN returns a row
        plans.append(row[0][0]["Plan"])
    touched: int = sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in plans)
    return round(touched / len(plans))


# A check rests this many times as long as it took, to leave the server to the writers.
RESTS: Final = 4

# One statement, one snapshot: 40 neighbouring artifacts, their collections, and all types. Each
# collection is counted once.
COMPARE: Final = """
    with sampled as materialized (
        select id from artifacts where id > %(after)s order by id limit 40
    ),

    counted as materialized (
        select
            m.collection_id,
            count(*) as artifact_count
        from collection_artifacts as m
        where m.collection_id in (
            select x.collection_id
            from collection_artifacts as x
            inner join sampled as s on s.id = x.artifact_id
        )
        group by m.collection_id
    ),

    truth as materialized (
        select
            a.id, a.type, a.name, a.title, a.description, a.author, a.license, a.source, a.origin,
            a.metadata, a.tags, a.version,
            coalesce((
                select jsonb_agg(
                    jsonb_build_object(
                        'id', c.id, 'name', c.name, 'artifact_count', n.artifact_count
                    )
                    order by c.id <> 'default', c.name
                )
                from collection_artifacts as m
                inner join collections as c on c.id = m.collection_id
                inner join counted as n on n.collection_id = m.collection_id
                where m.artifact_id = a.id
            ), '[]') as collections,
            a.added_at, a.updated_at
        from artifact_details as a
        where a.id in (select s.id from sampled as s)
    ),

    shown as materialized (
        select *
        from artifact_summaries
        where id > %(after)s and id <= (select max(s.id) from sampled as s)
    ),

    told as (
        select 'collection ' || id as what, artifact_count
        from collection_summaries
        where id in (select c.collection_id from counted as c)
        union all
        select 'type ' || type, artifact_count from artifact_type_summaries
    ),

    true_counts as (
        select 'collection ' || collection_id as what, artifact_count from counted
        union all
        select 'type ' || t.type, count(a.id)
        from artifact_types as t left join artifacts as a on a.type = t.type
        group by t.type
    )

    select 'shown ' || d::text from (table shown except all table truth) as d
    union all
    select 'true ' || d::text from (table truth except all table shown) as d
    union all
    select 'told ' || d::text from (table told except all table true_counts) as d
    union all
    select 'counted ' || d::text from (table true_counts except all table told) as d
"""


def check_sample(soak: Soak, conn: Connection, choice: Random) -> None:
    """Compare a sample in one snapshot, then rest in proportion."""
    started = time.monotonic()
    found = conn.execute(COMPARE, {"after": some_artifact(choice, soak.options)}).fetchall()
    soak.stats.add("checks")
    soak.stats.record_drift([f"at {soak.seconds:.0f} s: {row[0]}" for row in found])
    soak.stop.wait(RESTS * (time.monotonic() - started))


def check_everything(soak: Soak, conn: Connection) -> None:
    """Compare every count and every summary in one snapshot."""
    conn.isolation_level = IsolationLevel.REPEATABLE_READ
    with conn.transaction():
        soak.stats.record_drift([f"at the end: {each}" for each in list_count_drift(conn)])
        soak.stats.record_drift([f"at the end: {each}" for each in list_summary_drift(conn)])
    soak.stats.add("full checks")
