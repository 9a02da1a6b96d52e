"""No plan depends on how a server is tuned, or on who asks."""

from psycopg import Connection

from tests.plans.plan_checks import find_broken_promises
from tests.plans.statements import KINDS, QUERIES, plan, prepare

SETTINGS = (
    {"random_page_cost": "1.1"},
    {"seq_page_cost": "0.1", "random_page_cost": "0.1"},
    {"effective_cache_size": "64MB"},
    {"effective_cache_size": "64GB"},
    {"work_mem": "64kB"},
    {"work_mem": "1GB"},
    {"enable_incremental_sort": "off"},
    {"enable_memoize": "off"},
    {"cpu_operator_cost": "0.1"},
    {"cursor_tuple_fraction": "1.0"},
    {
        "max_parallel_workers_per_gather": "4",
        "parallel_setup_cost": "0",
        "parallel_tuple_cost": "0",
        "min_parallel_table_scan_size": "0",
        "min_parallel_index_scan_size": "0",
    },
)


def test_no_setting_of_the_planner_breaks_a_promise(changed_conn: Connection) -> None:
    prepare(changed_conn, KINDS)

    found = []
    for settings in SETTINGS:
        with changed_conn.transaction():
            for name, value in settings.items():
                changed_conn.execute("select set_config(%s, %s, true)", (name, value))
            found += [
                f"{settings}: {promise}"
                for query in KINDS
                for promise in find_broken_promises(changed_conn, query, plan(changed_conn, query))
            ]

    assert found == []


def test_a_reader_gets_the_plans_of_the_owner(changed_conn: Connection) -> None:
    changed_conn.execute("set role skillmeat_reader")
    # A reader finds a tag by its slug in the view of tags.
    mine = [each for each in QUERIES if "from tags" not in each.statement]
    prepare(changed_conn, mine)
    plans = [plan(changed_conn, each) for each in mine]
    changed_conn.execute("reset role")

    assert [
        promise
        for query, found in zip(mine, plans, strict=True)
        for promise in find_broken_promises(changed_conn, query, found)
    ] == []
