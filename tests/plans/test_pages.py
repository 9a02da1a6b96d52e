"""A page is all that is looked at, whatever has changed and whatever the planner knows."""

import pytest
from psycopg import Connection

from tests.plans.dataset import ALL_CHANGED, NEIGHBOURS_CHANGED, REFRESHED, STATES
from tests.plans.plan_checks import broken
from tests.plans.statements import MODES, QUESTIONS, plan, prepare


def broken_promises(conn: Connection, state: str) -> list[str]:
    """What the plans of all questions break once the catalogue is in that state."""
    conn.execute(state)
    prepare(conn)
    return [
        f"{mode}: {promise}"
        for mode in MODES
        for question in QUESTIONS
        for promise in broken(conn, question, plan(conn, question, mode=mode))
    ]


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_a_page_is_all_that_is_looked_at(conn: Connection, state: str) -> None:
    assert broken_promises(conn, state) == []


@pytest.mark.parametrize(
    "state",
    [REFRESHED, NEIGHBOURS_CHANGED, ALL_CHANGED],
    ids=["refreshed", "some changed", "all changed"],
)
def test_a_page_is_all_that_is_looked_at_where_nothing_was_ever_analysed(
    unknown: Connection, state: str
) -> None:
    assert broken_promises(unknown, state) == []
