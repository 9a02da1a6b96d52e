"""A cached plan stays good, with any state of the tables at planning time."""

from collections.abc import Iterator

import pytest
from psycopg import Connection

from tests.plans.conftest import Server, database, open_session
from tests.plans.dataset import FILL, NEIGHBOURS_CHANGED
from tests.plans.plan_checks import find_broken_promises
from tests.plans.statements import KINDS, QUERIES, answer, plan, prepare
from tests.plans.tree import Plan, count_rows_read

A_PAGE = next(each for each in QUERIES if each.name == "a page")
# Where a collection is asked for, a plan that is made while it is empty sorts its members.
ANYWHERE = [each for each in QUERIES if each.is_range or each.name == "an id"]
# As a restored or rewritten log is.
NARROWED = "truncate artifact_changes, count_changes"


def prepare_generic_plans(conn: Connection) -> None:
    """Prepare every query with a generic plan."""
    prepare(conn)
    for query in QUERIES:
        answer(conn, query, mode="force_generic_plan")


def run_cached_plan(conn: Connection) -> Plan:
    """Run a page with the cached plan; return the plan tree."""
    return plan(conn, A_PAGE, mode="force_generic_plan")


def test_a_plan_cached_while_the_log_is_empty_is_good_when_it_is_full(
    conn: Connection,
) -> None:
    conn.execute("vacuum artifact_changes")
    prepare_generic_plans(conn)

    conn.execute(NEIGHBOURS_CHANGED)

    assert [
        promise
        for query in QUERIES
        for promise in find_broken_promises(
            conn, query, plan(conn, query, mode="force_generic_plan")
        )
    ] == []


def test_a_log_without_preallocated_pages_is_scanned_for_every_row(conn: Connection) -> None:
    conn.execute(NARROWED)
    conn.execute("vacuum artifact_changes")
    prepare_generic_plans(conn)

    conn.execute(NEIGHBOURS_CHANGED)

    assert count_rows_read(run_cached_plan(conn), of={"artifact_changes"}) > 10_000


def test_a_log_with_preallocated_pages_is_probed_by_index(conn: Connection) -> None:
    conn.execute(NARROWED)
    conn.execute("select preallocate_log_pages()")
    conn.execute("vacuum artifact_changes")
    prepare_generic_plans(conn)

    conn.execute(NEIGHBOURS_CHANGED)

    assert list(find_broken_promises(conn, A_PAGE, run_cached_plan(conn))) == []


def test_the_logs_of_a_small_catalogue_have_no_more_pages_than_their_plans_need(
    conn: Connection,
) -> None:
    conn.execute(NARROWED)
    conn.execute("select preallocate_log_pages()")
    conn.execute("vacuum artifact_changes, count_changes")
    conn.execute("select preallocate_log_pages()")

    pages = "pg_relation_size(%s) / current_setting('block_size')::int"
    query = f"select {pages}, {pages}".encode()
    assert conn.execute(query, ["artifact_changes", "count_changes"]).fetchone() == (64, 16)


@pytest.fixture
def blocking_session(url: str) -> Iterator[Connection]:
    """Yield a second session with an open transaction that has locked every collection."""
    with open_session(url) as holder, holder.transaction(force_rollback=True):
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


@pytest.mark.usefixtures("blocking_session")
def test_pending_counts_are_looked_up_by_collection(conn: Connection) -> None:
    conn.execute("vacuum count_changes")
    prepare_generic_plans(conn)

    conn.execute(FOUR_PENDING_EACH)

    # `default` once for all of the page.
    counts = 50 + 1
    assert 4 * counts <= count_rows_read(run_cached_plan(conn), of={"count_changes"}) < 5 * counts


@pytest.mark.usefixtures("blocking_session")
def test_pending_counts_in_a_log_without_preallocated_pages_are_scanned_for_every_member(
    conn: Connection,
) -> None:
    conn.execute(NARROWED)
    conn.execute("vacuum count_changes")
    prepare_generic_plans(conn)

    conn.execute(FOUR_PENDING_EACH)

    assert count_rows_read(run_cached_plan(conn), of={"count_changes"}) > 10_000


def test_no_cached_plan_gets_worse_during_a_session(changed_conn: Connection) -> None:
    prepare(changed_conn)

    assert [
        f"execution {n}: {promise}"
        for n in range(1, 11)
        for query in KINDS
        for promise in find_broken_promises(changed_conn, query, plan(changed_conn, query))
    ] == []


@pytest.fixture
def empty(server: Server, fresh: str) -> Iterator[Connection]:
    """Yield a connection, in autocommit, to a refreshed catalogue without artifacts."""
    with database(server, template=fresh) as url, open_session(url) as connection:
        connection.execute("select refresh_artifact_summaries()")
        yield connection


def test_a_plan_cached_for_an_empty_catalogue_is_good_for_a_full_one(
    empty: Connection,
) -> None:
    prepare_generic_plans(empty)

    empty.execute(FILL)

    assert [
        f"{state}: {promise}"
        for state in ("filled", "refreshed")
        if state == "filled" or empty.execute("select refresh_artifact_summaries()")
        for query in ANYWHERE
        for promise in find_broken_promises(
            empty, query, plan(empty, query, mode="force_generic_plan")
        )
    ] == []
