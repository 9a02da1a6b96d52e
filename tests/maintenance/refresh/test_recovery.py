"""Sessions that end, and servers that refuse statements or connections."""

import pytest
from psycopg import Connection

import skillmeat
from skillmeat import embedded, migration
from skillmeat.maintenance.refresh import get_refresh_status, refresh_snapshot
from skillmeat.maintenance.refresh.events import (
    ConnectionLost,
    Recovered,
    SnapshotRefreshed,
    StatementFailed,
)
from tests.catalogue.sessions import eventually
from tests.maintenance.refresh.conftest import add
from tests.maintenance.refresh.refreshers import (
    running_refresher,
    wait_until_refresh_waits,
    with_parameters,
)


def test_a_refresher_reconnects_after_a_killed_backend_and_refreshes(
    url: str, conn: Connection, blocker: Connection
) -> None:
    add(conn, "a")
    with running_refresher(url) as events:
        conn.execute("select pg_terminate_backend(%s)", (wait_until_refresh_waits(conn),))
        events.next(ConnectionLost)
        events.next(Recovered)
        blocker.rollback()
        events.next(SnapshotRefreshed)

    assert get_refresh_status(conn).changes == 0


def test_a_refresher_reports_a_cancelled_refresh_and_repeats_it(
    url: str, conn: Connection, blocker: Connection
) -> None:
    add(conn, "a")
    with running_refresher(url) as events:
        conn.execute("select pg_cancel_backend(%s)", (wait_until_refresh_waits(conn),))
        events.next(StatementFailed)
        blocker.rollback()
        events.next(SnapshotRefreshed)
        events.next(Recovered)

    assert get_refresh_status(conn).changes == 0


@pytest.mark.parametrize("insisting", [True, False])
def test_a_refresher_waits_until_a_read_only_server_accepts_writes(
    url: str, conn: Connection, *, insisting: bool
) -> None:
    add(conn, "a")
    name = conn.info.dbname
    conn.execute(f"alter database {name} set default_transaction_read_only = on")
    chosen = url if insisting else with_parameters(url, target_session_attrs="any")

    with running_refresher(chosen) as events:
        lost = events.next(ConnectionLost)
        untouched = get_refresh_status(conn).changes
        conn.execute(f"alter database {name} reset default_transaction_read_only")
        events.next(Recovered)
        events.next(SnapshotRefreshed)

    assert (lost.before, untouched) == (False, 1)
    assert [type(each) for each in events.all] == [ConnectionLost, Recovered, SnapshotRefreshed]


def test_a_refresher_starts_when_the_schema_is_migrated(empty_url: str) -> None:
    with running_refresher(empty_url) as events:
        failed = events.next(StatementFailed)
        migration.upgrade(url=empty_url)
        events.next(Recovered)
        with skillmeat.connect(empty_url, autocommit=True) as conn:
            add(conn, "a")
            events.next(SnapshotRefreshed)

    assert "skillmeat migrate up" in failed.why
    # The loop may refresh a half-migrated schema before it reports the recovery.
    others = [type(each) for each in events.all if not isinstance(each, SnapshotRefreshed)]
    assert others[:2] == [StatementFailed, Recovered]


def test_a_refresher_reports_a_missing_privilege_once(url: str, conn: Connection) -> None:
    add(conn, "a")

    with running_refresher(with_parameters(url, options="-c role=skillmeat_reader")) as events:
        failed = events.next(StatementFailed)
        refresh_snapshot(conn)
        events.next(Recovered)

    assert "permission denied" in failed.why
    assert [type(each) for each in events.all] == [StatementFailed, Recovered]


def test_a_refresher_waits_for_a_missing_database(server_url: str) -> None:
    missing = embedded.replace_database(server_url, "skillmeat_test_missing")

    with running_refresher(missing) as events:
        lost = events.next(ConnectionLost)

    assert "does not exist" in lost.why
    assert not lost.before


def test_a_refresher_leaves_no_session_behind(url: str, conn: Connection) -> None:
    others = """
        from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend'
        and pid <> pg_backend_pid()
    """
    with running_refresher(url) as events:
        add(conn, "a")
        events.next(SnapshotRefreshed)
        conn.execute("select pg_terminate_backend(pid)" + others)
        events.next(Recovered)

    eventually(lambda: conn.execute("select" + others).rowcount == 0)
    assert [type(each) for each in events.all] == [SnapshotRefreshed, ConnectionLost, Recovered]
