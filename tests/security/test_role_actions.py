"""Sessions of each kind of role run the statements that they may and may not run."""

from collections.abc import Iterator

import pytest
from psycopg import Connection, Error, errors, sql

from tests.db.oracle import differences
from tests.security.conftest import Owned
from tests.security.matrix import rows
from tests.security.role_actions import (
    APP_MAY,
    APP_MAY_NOT,
    OUTSIDER_MAY_NOT,
    READER_MAY,
    READER_MAY_NOT,
)

FORBIDDEN = {"app": APP_MAY_NOT, "reader": READER_MAY_NOT, "outsider": OUTSIDER_MAY_NOT}

# A view that cannot be updated is refused with 55000. A role without USAGE on the schema does not
# find its objects.
REFUSED = {"app": {"42501", "55000"}, "reader": {"42501", "55000"}, "outsider": {"42P01", "42883"}}


@pytest.fixture(scope="module")
def app_session(owned: Owned) -> Iterator[Connection]:
    with owned.connect("app") as conn:
        yield conn


@pytest.fixture(scope="module")
def reader_session(owned: Owned) -> Iterator[Connection]:
    with owned.connect("reader") as conn:
        yield conn


@pytest.mark.parametrize("statement", APP_MAY)
def test_the_app_role_may_run_its_statements(app_session: Connection, statement: str) -> None:
    with app_session.transaction(force_rollback=True):
        app_session.execute(statement)
        inside = differences(app_session)
        app_session.execute("set constraints all immediate")

        assert (inside, differences(app_session)) == ([], [])


@pytest.mark.parametrize("statement", READER_MAY)
def test_the_reader_role_may_run_its_statements(reader_session: Connection, statement: str) -> None:
    with reader_session.transaction(force_rollback=True):
        assert reader_session.execute(statement).description is not None


@pytest.mark.parametrize("role", FORBIDDEN)
def test_a_role_may_not_run_other_statements(owned: Owned, role: str) -> None:
    with owned.connect(role) as conn:
        states = {each: refusal(conn, each) for each in FORBIDDEN[role]}

    assert {each: state for each, state in states.items() if state not in REFUSED[role]} == {}


def test_a_role_in_neither_group_reads_nothing(owned: Owned) -> None:
    relations = [
        each.object for each in rows() if each.kind in ("table", "view", "snapshot", "sequence")
    ]
    with owned.connect("outsider") as conn:
        states = {refusal(conn, f"select from skillmeat.{each}") for each in relations}

    assert states == {"42501"}


@pytest.mark.parametrize("role", ["app", "reader", "outsider"])
def test_a_function_that_is_not_granted_cannot_be_called(owned: Owned, role: str) -> None:
    forbidden = [
        each.object.replace("text[]", "'{p}'").replace("text", "'p'")
        for each in rows()
        if each.kind in ("function", "trigger") and not each.of(role)
    ]
    with owned.connect(role) as conn:
        states = {refusal(conn, f"select skillmeat.{each}") for each in forbidden}

    assert states == {"42501"}


@pytest.mark.parametrize("role", ["app", "reader", "outsider"])
def test_no_role_becomes_the_owner(owned: Owned, role: str) -> None:
    become = sql.SQL("set role {}").format(sql.Identifier(owned.owner))

    with owned.connect(role) as conn, pytest.raises(errors.InsufficientPrivilege):
        conn.execute(become)


def refusal(conn: Connection, statement: str) -> str | None:
    """Return the SQLSTATE of a refused statement, or None; roll back."""
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(statement)
    except Error as error:
        return error.sqlstate
    return None
