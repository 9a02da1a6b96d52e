"""The status of the snapshot, its refresh, and the vacuum after it."""

import pytest
from psycopg import Connection, IsolationLevel
from psycopg.conninfo import make_conninfo

import skillmeat
from skillmeat.errors import DatabaseError
from skillmeat.maintenance.refresh import get_refresh_status, refresh_snapshot
from skillmeat.maintenance.refresh.status import LOGS, SNAPSHOT, vacuum
from tests.catalogue.test_roles import member_of
from tests.db.oracle import differences
from tests.maintenance.refresh.conftest import add


def test_a_status_counts_changes_until_they_are_absorbed(conn: Connection) -> None:
    conn.execute("delete from last_refresh")
    add(conn, "a")
    add(conn, "b")
    before = get_refresh_status(conn)

    absorbed = refresh_snapshot(conn)

    after = get_refresh_status(conn)
    assert (before.changes, absorbed, after.changes, after.absorbed) == (2, 2, 0, 2)
    assert (before.age_seconds, after.oldest_seconds) == (None, None)


def test_ages_are_measured_by_the_server_s_clock(conn: Connection) -> None:
    add(conn, "a")
    refresh_snapshot(conn)
    add(conn, "b")
    conn.execute("update artifact_changes set changed_at = changed_at - interval '1 hour'")
    conn.execute(
        """
        update last_refresh set
            started_at = started_at - interval '3 hours',
            finished_at = started_at - interval '2 hours'
        """
    )

    found = get_refresh_status(conn)

    hours = (found.oldest_seconds, found.refresh_seconds, found.rest_seconds, found.age_seconds)
    assert [round((each or 0) / 3600, 1) for each in hours] == [1, 1, 2, 3]


def test_the_status_shows_a_statement_that_changed_everything(conn: Connection) -> None:
    conn.execute("truncate artifacts cascade")

    assert get_refresh_status(conn).everything_changed


def test_changes_that_rolled_back_fill_the_log_until_the_next_refresh(conn: Connection) -> None:
    add(conn, "a")
    refresh_snapshot(conn)
    conn.execute(
        "select setval('artifact_changes_seq_seq', s.last_value + 100000) "
        "from artifact_changes_seq_seq as s"
    )
    before = get_refresh_status(conn)

    absorbed = refresh_snapshot(conn)

    assert (before.changes, before.has_too_many_changes) == (0, True)
    assert (absorbed, get_refresh_status(conn).has_too_many_changes) == (0, False)


def test_a_refresh_without_changes_writes_nothing(conn: Connection) -> None:
    add(conn, "a")
    refresh_snapshot(conn)

    with conn.transaction():
        absorbed = refresh_snapshot(conn)
        xid = conn.execute("select pg_current_xact_id_if_assigned()").fetchone()

    assert (absorbed, xid) == (0, (None,))


def test_a_refresh_during_another_one_returns_none(url: str, conn: Connection) -> None:
    add(conn, "a")
    with skillmeat.connect(url) as other:
        refresh_snapshot(other)

        assert refresh_snapshot(conn) is None


def test_a_refresh_above_read_committed_is_refused_with_a_hint(conn: Connection) -> None:
    conn.isolation_level = IsolationLevel.REPEATABLE_READ

    with conn.transaction(), pytest.raises(DatabaseError, match="READ COMMITTED"):
        refresh_snapshot(conn)


def test_a_refresh_ignores_that_the_session_quotes_all_names(conn: Connection) -> None:
    add(conn, "a")
    conn.execute("set quote_all_identifiers = on")

    conn.execute("select refresh_artifact_summaries()")

    assert differences(conn) == []


def test_a_refresh_replaces_an_invalid_index(conn: Connection) -> None:
    conn.execute(
        """
        update pg_index set indisvalid = false
        where indexrelid = 'artifact_summaries_snapshot_id_idx'::regclass
        """
    )
    before = get_refresh_status(conn).is_indexed

    refresh_snapshot(conn)

    assert (before, get_refresh_status(conn).is_indexed) == (False, True)


VACUUMED = """
    select relname
    from pg_stat_user_tables
    where vacuum_count > 0 and relname = any (%s)
    order by relname
"""
OURS = ["artifact_changes", "artifact_summaries_snapshot", "count_changes"]


def test_the_owner_vacuums_both_logs_and_the_snapshot(conn: Connection) -> None:
    done = [vacuum(conn, relations) for relations in (LOGS, SNAPSHOT)]

    found = [name for (name,) in conn.execute(VACUUMED, [OURS])]
    assert (done, found) == ([True, True], OURS)


def test_a_role_that_does_not_own_the_logs_vacuums_nothing(url: str, server_url: str) -> None:
    with (
        member_of("skillmeat_app", server_url) as name,
        skillmeat.connect(make_conninfo(url, user=name), autocommit=True) as conn,
    ):
        assert (vacuum(conn, LOGS), vacuum(conn, SNAPSHOT)) == (False, False)
