"""The reader that holds what the views say against COUNT(*) and plain joins."""

import time
from random import Random
from typing import Final

from psycopg import Connection, IsolationLevel

from benchmarks.soak.dataset import some_artifact
from benchmarks.soak.sessions import Soak
from skillmeat.maintenance import list_count_drift, list_summary_drift

# A look rests for as many times as long as it took, so that it costs writers little.
RESTS: Final = 4

# One statement, one snapshot: some neighbours, the collections that they are in, and all types. A
# collection is counted once, however many of them are in it.
LOOK: Final = """
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


def look(soak: Soak, conn: Connection, choice: Random) -> None:
    """Compare a sample in one snapshot, and rest in proportion."""
    started = time.monotonic()
    found = conn.execute(LOOK, {"after": some_artifact(choice, soak.options)}).fetchall()
    soak.tally.add("looks")
    soak.tally.found([f"at {soak.seconds:.0f} s: {row[0]}" for row in found])
    soak.stop.wait(RESTS * (time.monotonic() - started))


def look_at_everything(soak: Soak, conn: Connection) -> None:
    """Compare every count and every summary in one snapshot."""
    conn.isolation_level = IsolationLevel.REPEATABLE_READ
    with conn.transaction():
        soak.tally.found([f"at the end: {each}" for each in list_count_drift(conn)])
        soak.tally.found([f"at the end: {each}" for each in list_summary_drift(conn)])
    soak.tally.add("full looks")
