"""Other statements that read no more of the catalogue than they show."""

import pytest
from psycopg import Connection

from tests.plans.plan_checks import find_broken_promises
from tests.plans.statements import MODES, Query, plan, prepare
from tests.plans.tree import blocks_touched, count_probes, count_rows_read

AFTER = "select * from artifact_summaries where id > $1 order by id"
IN_COLLECTION = """
    select s.*
    from (
        select m.artifact_id as id
        from collection_artifacts as m
        where
            (m.collection_id, m.artifact_id) >= ('default', $1)
            and m.collection_id <= 'default'
            and m.artifact_id <> $1
        order by m.collection_id, m.artifact_id
        limit 500
    ) as chosen
    cross join lateral (
        -- One after the other: joined, they would be merged with the whole of the catalogue.
        select * from artifact_summaries as s where s.id = chosen.id offset 0
    ) as s
    order by s.id
"""
IDS = [f"command:{n}" for n in range(10001, 10201, 4)]
LISTED = ", ".join(f"'{each}'" for each in IDS)
SHAPES = (
    (1, Query("one row", f"{AFTER} limit 1", ("command:1",), is_range=True)),
    (500, Query("five hundred", f"{AFTER} limit 500", ("command:1",), is_range=True)),
    (500, Query("five hundred of a collection", IN_COLLECTION, ("command:1",))),
    (
        150,
        Query("the third page", f"{AFTER} limit 50 offset 100", ("command:1",), is_range=True),
    ),
    (
        50,
        Query("some columns", "select id, name from artifact_summaries order by id limit 50", ()),
    ),
    (25, Query("a prefix", "select * from artifact_summaries where id like 'command:100%'", ())),
    (
        50,
        Query(
            "ids of a table",
            "select * from artifact_summaries where id = any (array(select id from wanted))",
            (),
        ),
    ),
)
LISTS = (
    Query("a list", f"select * from artifact_summaries where id in ({LISTED})", ()),
    Query(
        "an array",
        "select * from artifact_summaries where id = any ($1::text[])",
        (f"{{{','.join(IDS)}}}",),
    ),
)


@pytest.fixture(params=["refreshed", "changed"])
def either(
    request: pytest.FixtureRequest, conn: Connection, changed_conn: Connection
) -> Connection:
    """Return a connection to the catalogue in one state, then in the other."""
    return conn if request.param == "refreshed" else changed_conn


def test_no_statement_of_another_shape_breaks_a_promise(either: Connection) -> None:
    either.execute("create temporary table wanted as select unnest(%s::text[]) as id", (IDS,))
    prepare(either, (query for _, query in SHAPES))

    assert [
        f"{mode}: {promise}"
        for mode in MODES
        for page, query in SHAPES
        for promise in find_broken_promises(
            either, query, plan(either, query, mode=mode), page=page
        )
    ] == []


@pytest.mark.parametrize("query", LISTS, ids=[each.name for each in LISTS])
def test_a_list_of_ids_reads_about_as_many_blocks_as_a_lookup_of_each(
    either: Connection, query: Query
) -> None:
    # The planner counts the ids, and may scan a log that has fewer blocks than they have lookups.
    prepare(either, [query])

    chosen = min(blocks_touched(plan(either, query)) for _ in range(2))
    either.execute("set enable_seqscan = off")
    looked_up = min(blocks_touched(plan(either, query)) for _ in range(2))

    assert chosen <= 1.25 * looked_up


IN_200_COLLECTIONS_EACH = """
    insert into collection_artifacts (collection_id, artifact_id)
    select c.id, a.id
    from collections as c, artifacts as a
    where c.id < '201' and a.id > 'command:10001' and a.id <= 'command:10201'
    on conflict do nothing;

    select refresh_artifact_summaries()
"""


def test_a_page_looks_up_each_of_its_collections_once(conn: Connection) -> None:
    query = Query("a page", f"{AFTER} limit 50", ("command:10001",), is_range=True)
    conn.execute(IN_200_COLLECTIONS_EACH)
    prepare(conn, [query])

    looked_at = count_rows_read(plan(conn, query), of={"collections"})

    assert 200 <= looked_at < 250


A_THOUSAND_ADDED_ONE_BY_ONE = """
    do $$
    declare
        member text;
    begin
        for member in select id from artifacts where id < 'agent:04' order by id loop
            insert into collection_artifacts (collection_id, artifact_id)
            values ('empty', member);
        end loop;
    end;
    $$
"""
MEMBERS = Query(
    "members",
    """
    select *
    from artifact_summaries
    where
        id = any (array(
            select m.artifact_id
            from collection_artifacts as m
            where m.collection_id = $1
            order by m.artifact_id
            limit 50
        ))
    order by id
    limit 50
    """,
    ("empty",),
)


def test_a_page_reads_the_pending_changes_of_a_collection_once(conn: Connection) -> None:
    prepare(conn, [MEMBERS])

    with conn.transaction(force_rollback=True):
        conn.execute(A_THOUSAND_ADDED_ONE_BY_ONE)
        read = {
            mode: count_rows_read(plan(conn, MEMBERS, mode=mode), of={"count_changes"})
            for mode in MODES
        }
        (pending,) = conn.execute("select count(*) from count_changes").fetchone() or (0,)

    assert pending > 900
    # Before PostgreSQL 18, the plan rounds the average of its executions.
    assert all(0.9 * pending < rows < 1.1 * pending for rows in read.values())


def test_a_refresh_looks_up_each_tag_once(conn: Connection) -> None:
    query = Query("the snapshot's query", "select * from artifact_details", ())
    # 102 tags remain, in so few blocks that to scan them looks cheap to the planner.
    conn.execute("delete from tags where slug like 't____' or slug like 't___'")
    conn.execute("vacuum full analyze tags")
    prepare(conn, [query])

    assert count_probes(plan(conn, query), "tags") <= 102


def test_a_page_reads_a_few_rows_for_each_deleted_neighbour(conn: Connection) -> None:
    query = Query("a page", f"{AFTER} limit 50", ("command:10001",), is_range=True)
    conn.execute("delete from artifacts where id > 'command:10001' and id < 'command:11'")
    prepare(conn, [query])

    assert list(find_broken_promises(conn, query, plan(conn, query), page=50 + 249)) == []
