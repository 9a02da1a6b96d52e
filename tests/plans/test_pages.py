"""A page reads only its rows, after any changes and with any statistics."""

import pytest
from psycopg import Connection

from tests.plans.dataset import ALL_CHANGED, NEIGHBOURS_CHANGED, REFRESHED, STATES
from tests.plans.plan_checks import find_broken_promises
from tests.plans.statements import MODES, QUERIES, plan, prepare


def broken_promises(conn: Connection, state: str) -> list[str]:
    """Put the catalogue into that state; return the promises that the plans break."""
    conn.execute(state)
    prepare(conn)
    return [
        f"{mode}: {promise}"
        for mode in MODES
        for query in QUERIES
        for promise in find_broken_promises(conn, query, plan(conn, query, mode=mode))
    ]


# Each lies between two of the other states.
BETWEEN = ("one changed", "half changed bit by bit")


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(statements, marks=pytest.mark.exhaustive if state in BETWEEN else ())
        for state, statements in STATES.items()
    ],
    ids=STATES,
)
def test_a_page_reads_only_its_rows(conn: Connection, state: str) -> None:
    assert broken_promises(conn, state) == []


@pytest.mark.parametrize(
    "state",
    [REFRESHED, pytest.param(NEIGHBOURS_CHANGED, marks=pytest.mark.exhaustive), ALL_CHANGED],
    ids=["refreshed", "some changed", "all changed"],
)
def test_a_page_reads_only_its_rows_before_any_analyze(
    unanalysed_conn: Connection, state: str
) -> None:
    assert broken_promises(unanalysed_conn, state) == []
