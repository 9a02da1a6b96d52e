"""The estimated and the real cost of a page."""

import pytest
from psycopg import Connection

from tests.plans.dataset import ALL_CHANGED, NEIGHBOURS_CHANGED, REFRESHED
from tests.plans.statements import MIDDLE, MODES, QUERIES, Query, answer, plan, prepare
from tests.plans.tree import blocks_touched

# The default of jit_above_cost, which is for queries of seconds. A fifth of it leaves room: what
# the planner expects grows with the catalogue, and this one has 20,000 artifacts.
THRESHOLD = 100_000 / 5

# The blocks of a live artifact: the lists of its tags and collections (2 each), its version (3), a
# tag (3) and a collection (2) that no other artifact of the page has, and one to spare.
PER_ARTIFACT = 13
# The artifact itself, if the page looks it up by its id, and does not scan a range of ids.
PER_ID = 3
# What a page touches once: the state of the snapshot, its list of ids, `default` and `everyday`.
PER_PAGE = 30


def test_a_page_after_a_bulk_change_touches_few_blocks_for_each_artifact(conn: Connection) -> None:
    prepare(conn)
    conn.execute(ALL_CHANGED)

    touched = {each.name: count_blocks(conn, each) for each in QUERIES}
    allowed = {each.name: allow_blocks(each, answer(conn, each)) for each in QUERIES}
    assert {name: blocks for name, blocks in touched.items() if blocks > allowed[name]} == {}


def allow_blocks(query: Query, artifacts: int) -> int:
    """Return how many blocks a query may touch that returns so many artifacts."""
    return PER_PAGE + artifacts * (PER_ARTIFACT + (0 if query.is_range else PER_ID))


def count_blocks(conn: Connection, query: Query) -> int:
    """Return how many blocks a query touches after a warm-up."""
    return min(blocks_touched(plan(conn, query)) for _ in range(2))


# Statements of sessions that this project does not open.
FOREIGN = (
    Query(
        "a limit",
        "select * from artifact_summaries where id > $1 order by id limit $2",
        (MIDDLE, "50"),
    ),
    Query("five hundred", "select * from artifact_summaries order by id limit 500", ()),
    Query(
        "two values",
        """
        select s.*
        from (values ($1), ($2)) as v (id)
        inner join artifact_summaries as s on s.id = v.id
        """,
        ("skill:00004", "agent:00002"),
    ),
    Query(
        "matches",
        """
        select s.*
        from search_artifacts($1) as f
        inner join artifact_summaries as s on s.id = f.artifact_id
        order by f.rank desc, s.id
        limit 50
        """,
        ("0001",),
    ),
    Query(
        "members",
        """
        select s.*
        from collection_artifacts as m
        inner join artifact_summaries as s on s.id = m.artifact_id
        where m.collection_id = $1
        order by s.id
        limit 50
        """,
        ("default",),
    ),
    Query(
        "one after the other",
        """
        select s.*
        from (select id from artifacts order by id limit 50) as a
        cross join lateral (select * from artifact_summaries as s where s.id = a.id) as s
        """,
        (),
    ),
)


@pytest.mark.parametrize(
    "state",
    [REFRESHED, NEIGHBOURS_CHANGED, ALL_CHANGED],
    ids=["refreshed", "some changed", "all changed"],
)
def test_no_plan_costs_enough_to_be_compiled(conn: Connection, state: str) -> None:
    assert find_highest_cost(conn, state, (*QUERIES, *FOREIGN)) < THRESHOLD


def test_no_page_costs_enough_to_be_compiled_in_a_catalogue_without_statistics(
    unanalysed_conn: Connection,
) -> None:
    assert find_highest_cost(unanalysed_conn, REFRESHED, (*QUERIES, *FOREIGN[:3])) < THRESHOLD


def find_highest_cost(conn: Connection, state: str, queries: tuple[Query, ...]) -> float:
    """Return the highest cost that the planner expects of a query, planned in either mode."""
    conn.execute(state)
    prepare(conn, queries)
    return max(
        float(plan(conn, each, mode=mode)["Total Cost"]) for each in queries for mode in MODES
    )
