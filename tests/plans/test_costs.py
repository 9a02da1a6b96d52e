"""What a page costs, as the planner sees it and as it turns out."""

from psycopg import Connection

from tests.plans.dataset import ALL_CHANGED
from tests.plans.statements import MODES, QUERIES, plan, prepare
from tests.plans.tree import blocks_touched


def blocks(conn: Connection) -> list[int]:
    """Return how many blocks each query touches after a warm-up."""
    return [min(blocks_touched(plan(conn, query)) for _ in range(2)) for query in QUERIES]


def test_a_page_after_a_bulk_change_touches_at_most_five_times_as_much(conn: Connection) -> None:
    prepare(conn)
    refreshed = blocks(conn)

    conn.execute(ALL_CHANGED)

    ratios = [after / before for before, after in zip(refreshed, blocks(conn), strict=True)]
    assert max(ratios) <= 5


def test_no_plan_looks_dear_enough_to_be_compiled(conn: Connection) -> None:
    (threshold,) = conn.execute("select current_setting('jit_above_cost')::float").fetchone() or ()
    prepare(conn)

    costs = [plan(conn, each, mode=mode)["Total Cost"] for each in QUERIES for mode in MODES]

    assert max(costs) < threshold
