"""A plan that is kept stays good, whatever the tables were like when it was made."""

from collections.abc import Iterator

import pytest
from psycopg import Connection

from tests.plans.conftest import Server, connected, database
from tests.plans.dataset import FILL, NEIGHBOURS_CHANGED
from tests.plans.plan_checks import broken
from tests.plans.statements import KINDS, QUESTIONS, answer, plan, prepare
from tests.plans.tree import Plan, rows_looked_at

A_PAGE = next(each for each in QUESTIONS if each.name == "a page")
# Where a collection is asked for, a plan that is made while it is empty sorts its members.
ANYWHERE = [each for each in QUESTIONS if each.is_range or each.name == "an id"]
# As a restored or rewritten log is.
NARROWED = "truncate artifact_changes, count_changes"


def keep_plans(conn: Connection) -> None:
    """Prepare every question, and plan it once for all values."""
    prepare(conn)
    for question in QUESTIONS:
        answer(conn, question, mode="force_generic_plan")


def kept_plan(conn: Connection) -> Plan:
    """How a page is read by the plan that is kept."""
    return plan(conn, A_PAGE, mode="force_generic_plan")


def test_a_plan_that_is_made_while_the_log_is_empty_is_good_when_it_is_full(
    conn: Connection,
) -> None:
    conn.execute("vacuum artifact_changes")
    keep_plans(conn)

    conn.execute(NEIGHBOURS_CHANGED)

    assert [
        promise
        for question in QUESTIONS
        for promise in broken(conn, question, plan(conn, question, mode="force_generic_plan"))
    ] == []


def test_a_narrow_log_is_scanned_for_every_row_of_a_page(conn: Connection) -> None:
    conn.execute(NARROWED)
    conn.execute("vacuum artifact_changes")
    keep_plans(conn)

    conn.execute(NEIGHBOURS_CHANGED)

    assert rows_looked_at(kept_plan(conn), of={"artifact_changes"}) > 10_000


def test_a_log_that_was_widened_is_looked_up_by_index(conn: Connection) -> None:
    conn.execute(NARROWED)
    conn.execute("select preallocate_log_pages()")
    conn.execute("vacuum artifact_changes")
    keep_plans(conn)

    conn.execute(NEIGHBOURS_CHANGED)

    assert list(broken(conn, A_PAGE, kept_plan(conn))) == []


@pytest.fixture
def held(url: str) -> Iterator[Connection]:
    """A second session, whose open transaction holds every collection."""
    with connected(url) as holder, holder.transaction(force_rollback=True):
        holder.execute("update collections set description = 'Held'")
        yield holder


# Four changes of every collection's count, each of which stays pending while they are held.
FOUR_PENDING_EACH = """
    do $$
    begin
        for n in 1..4 loop
            insert into artifacts (type, name) values ('workflow', n::text);
            insert into collection_artifacts (collection_id, artifact_id)
            select id, 'workflow:' || n from collections;
            commit;
        end loop;
    end;
    $$
"""


@pytest.mark.usefixtures("held")
def test_pending_counts_are_looked_up_by_collection(conn: Connection) -> None:
    conn.execute("vacuum count_changes")
    keep_plans(conn)

    conn.execute(FOUR_PENDING_EACH)

    # `default` once for all of the page.
    counts = 50 + 1
    assert 4 * counts <= rows_looked_at(kept_plan(conn), of={"count_changes"}) < 5 * counts


@pytest.mark.usefixtures("held")
def test_pending_counts_in_a_narrow_log_are_scanned_for_every_member(conn: Connection) -> None:
    conn.execute(NARROWED)
    conn.execute("vacuum count_changes")
    keep_plans(conn)

    conn.execute(FOUR_PENDING_EACH)

    assert rows_looked_at(kept_plan(conn), of={"count_changes"}) > 10_000


def test_no_plan_gets_worse_as_a_session_goes_on(conn: Connection) -> None:
    conn.execute(NEIGHBOURS_CHANGED)
    prepare(conn)

    assert [
        f"execution {n}: {promise}"
        for n in range(1, 11)
        for question in KINDS
        for promise in broken(conn, question, plan(conn, question))
    ] == []


@pytest.fixture
def empty(server: Server, fresh: str) -> Iterator[Connection]:
    """A connection, in autocommit, to a catalogue without artifacts that has been refreshed."""
    with database(server, template=fresh) as url, connected(url) as connection:
        connection.execute("select refresh_artifact_summaries()")
        yield connection


def test_a_plan_that_is_made_for_an_empty_catalogue_is_good_for_a_full_one(
    empty: Connection,
) -> None:
    keep_plans(empty)

    empty.execute(FILL)

    assert [
        f"{state}: {promise}"
        for state in ("filled", "refreshed")
        if state == "filled" or empty.execute("select refresh_artifact_summaries()")
        for question in ANYWHERE
        for promise in broken(empty, question, plan(empty, question, mode="force_generic_plan"))
    ] == []
