"""A refresher in the background, and sessions that change, hold and hinder what it works on."""

import socket
import threading
from pathlib import Path
from typing import NoReturn

import pytest
from psycopg import Connection

import skillmeat
from skillmeat import embedded
from skillmeat.errors import CannotConnect, InvalidSchemaName
from skillmeat.maintenance.refresh import (
    Refresher,
    RefreshEvent,
    get_refresh_status,
    refresh_snapshot,
)
from skillmeat.maintenance.refresh.events import CountsSettled, SnapshotRefreshed
from skillmeat.maintenance.refresh.policy import RefreshReason
from skillmeat.maintenance.refresh.service import make_connector
from tests.catalogue.sessions import eventually
from tests.embedded.conftest import root, stopped_root, template_root
from tests.maintenance.refresh.conftest import add
from tests.maintenance.refresh.refreshers import (
    EAGER,
    running_refresher,
    wait_until_refresh_waits,
    with_parameters,
)

__all__ = ["root", "stopped_root", "template_root"]

DRIFT = "select from summary_drift"
IN_SNAPSHOT = "select id from artifact_summaries_snapshot order by id"


def test_what_a_writer_changed_is_refreshed(url: str, conn: Connection) -> None:
    with running_refresher(url) as events:
        add(conn, "a")
        event = events.next(SnapshotRefreshed)

    assert (event.changes, event.because) == (1, RefreshReason.MANY_CHANGES)
    assert conn.execute(IN_SNAPSHOT).fetchall() == [("skill:a",)]


def test_an_empty_snapshot_is_filled(url: str, conn: Connection) -> None:
    add(conn, "a")
    conn.execute("refresh materialized view artifact_summaries_snapshot with no data")

    with running_refresher(url) as events:
        event = events.next(SnapshotRefreshed)

    assert event.because == RefreshReason.UNPOPULATED
    assert conn.execute(IN_SNAPSHOT).fetchall() == [("skill:a",)]


def test_a_dropped_index_is_made_again(url: str, conn: Connection) -> None:
    conn.execute("drop index artifact_summaries_snapshot_id_idx")

    with running_refresher(url) as events:
        event = events.next(SnapshotRefreshed)

    assert (event.changes, event.because) == (0, RefreshReason.UNINDEXED)
    assert get_refresh_status(conn).is_indexed


@pytest.mark.parametrize("how", ["", "concurrently"])
def test_refreshes_by_hand_are_no_hindrance(url: str, conn: Connection, how: str) -> None:
    with running_refresher(url) as events:
        for each in "abcde":
            add(conn, each)
            conn.execute(f"refresh materialized view {how} artifact_summaries_snapshot")
        events.next(SnapshotRefreshed)
        eventually(lambda: get_refresh_status(conn).changes == 0)

    assert conn.execute(DRIFT).rowcount == 0
    assert all(isinstance(each, SnapshotRefreshed) for each in events.all)


def test_pending_counts_are_settled(url: str, conn: Connection) -> None:
    leave_counts_pending(url, conn)

    with running_refresher(url) as events:
        event = events.next(CountsSettled)

    assert (event.counts, event.left) == (3, 0)
    assert conn.execute("select artifact_count from collections").fetchone() == (3,)


def test_counts_of_what_is_gone_are_removed(url: str, conn: Connection) -> None:
    leave_counts_pending(url, conn)
    conn.execute("truncate collections cascade")
    assert get_refresh_status(conn).pending_counts > 0

    with running_refresher(url) as events:
        events.next(CountsSettled)

    assert get_refresh_status(conn).pending_counts == 0


def test_two_never_refresh_at_once(url: str, conn: Connection) -> None:
    conn.execute(
        """
        create table intervals as select started_at, finished_at from last_refresh with no data;
        create function keep() returns trigger language plpgsql as $$ begin
            insert into intervals values (new.started_at, clock_timestamp());
            return null;
        end $$;
        create trigger keep after insert or update on last_refresh
        for each row execute function keep();
        """
    )
    with running_refresher(url) as first, running_refresher(url) as second:
        for number in range(60):
            add(conn, str(number))
        eventually(lambda: get_refresh_status(conn).changes == 0)

    overlapping = """
        select from intervals as a
        join intervals as b on a.ctid < b.ctid
        and (a.started_at, a.finished_at) overlaps (b.started_at, b.finished_at)
    """
    assert conn.execute(overlapping).rowcount == 0
    refreshes = conn.execute("select from intervals").rowcount
    assert refreshes == len(first.all) + len(second.all) > 1


def test_a_database_with_other_defaults_is_refreshed(url: str, conn: Connection) -> None:
    name = conn.info.dbname
    conn.execute(f"alter database {name} set default_transaction_isolation = 'serializable'")

    with running_refresher(url) as events:
        add(conn, "a")
        events.next(SnapshotRefreshed)

    assert get_refresh_status(conn).changes == 0


def test_a_role_that_only_writes_may_refresh(url: str, conn: Connection) -> None:
    with running_refresher(with_parameters(url, options="-c role=skillmeat_app")) as events:
        add(conn, "a")
        events.next(SnapshotRefreshed)

    assert get_refresh_status(conn).changes == 0


def test_a_stop_does_not_wait_for_a_refresh_under_way(
    url: str, conn: Connection, blocker: Connection
) -> None:
    add(conn, "a")
    refresher = Refresher(url, policy=EAGER)
    thread = threading.Thread(target=refresher.run)
    thread.start()
    pid = wait_until_refresh_waits(conn)

    refresher.stop()
    thread.join(5)

    ended = not thread.is_alive()
    eventually(lambda: is_gone(conn, pid))
    blocker.rollback()
    assert ended
    assert get_refresh_status(conn).changes == 1


def test_a_stop_does_not_wait_for_a_server_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        refresher = Refresher(f"postgresql://me@127.0.0.1:{port}/x?sslmode=disable")
        thread = threading.Thread(target=refresher.run)
        thread.start()
        accepted, _ = silent.accept()

        refresher.stop()
        thread.join(5)

        ended = not thread.is_alive()
        accepted.close()
    assert ended


def test_a_stop_that_comes_first_is_kept(url: str) -> None:
    refresher = Refresher(url)
    refresher.stop()

    assert refresher.run() is None  # type: ignore[func-returns-value]


def test_what_on_event_raises_ends_the_run(url: str, conn: Connection) -> None:
    def refuse(_event: RefreshEvent) -> NoReturn:
        message = "no more events"
        raise RuntimeError(message)

    add(conn, "a")

    with pytest.raises(RuntimeError, match="no more events"):
        Refresher(url, policy=EAGER, on_event=refuse).run()


def test_a_schema_that_can_never_be_is_refused_at_once(url: str) -> None:
    with pytest.raises(InvalidSchemaName):
        Refresher(url, schema="pg_x")


def test_a_watch_that_finds_nothing_to_do_says_nothing(url: str, conn: Connection) -> None:
    with running_refresher(url) as events:
        eventually(lambda: is_watched(conn))

    assert events.all == []


def test_a_refresh_of_another_session_is_waited_out_in_silence(url: str, conn: Connection) -> None:
    add(conn, "a")
    with skillmeat.connect(url) as other:
        refresh_snapshot(other)
        with running_refresher(url) as events:
            eventually(lambda: is_watched(conn))
            other.rollback()
            events.next(SnapshotRefreshed)

    assert [type(each) for each in events.all] == [SnapshotRefreshed]


def leave_counts_pending(url: str, conn: Connection) -> None:
    """Three memberships of a collection whose row another session held."""
    conn.execute(
        """
        insert into artifacts (type, name) select 'skill', n::text from generate_series(1, 3) as n;
        insert into collections (id, name) values ('one', 'One');
        """
    )
    refresh_snapshot(conn)
    with skillmeat.connect(url) as holder:
        holder.execute("select from collections for no key update")
        for number in (1, 2, 3):
            conn.execute(
                "insert into collection_artifacts (collection_id, artifact_id) values ('one', %s)",
                (f"skill:{number}",),
            )


def is_watched(observer: Connection) -> bool:
    """Whether another session has asked how far the snapshot is behind."""
    asked = "select from pg_stat_activity where query ~ 'refresh_status' and pid <> %s"
    return observer.execute(asked, (observer.info.backend_pid,)).rowcount > 0


def is_gone(observer: Connection, pid: int) -> bool:
    found = "select from pg_stat_activity where pid = %s"
    return observer.execute(found, (pid,)).rowcount == 0


def test_an_embedded_server_is_started_once_and_then_left_to_its_owner(
    stopped_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SKILLMEAT_DATABASE_URL", raising=False)
    monkeypatch.setenv("SKILLMEAT_DATA_DIR", str(stopped_root))
    connect = make_connector()
    connect().close()
    embedded.stop(stopped_root)

    with pytest.raises(CannotConnect, match="the embedded server is stopped"):
        connect()

    assert not embedded.get_status(stopped_root).running


def test_a_server_that_takes_no_writes_is_none(url: str, conn: Connection) -> None:
    conn.execute(f"alter database {conn.info.dbname} set default_transaction_read_only = on")

    with pytest.raises(CannotConnect, match="session is read-only"):
        make_connector(url)()


def test_time_limits_are_for_others(url: str, conn: Connection) -> None:
    conn.execute(f"alter database {conn.info.dbname} set statement_timeout = '1min'")

    with make_connector(url)() as patient:
        assert patient.execute("show statement_timeout").fetchone() == ("0",)


def test_a_url_may_say_that_any_server_will_do(url: str, conn: Connection) -> None:
    conn.execute(f"alter database {conn.info.dbname} set default_transaction_read_only = on")

    with make_connector(with_parameters(url, target_session_attrs="any"))() as reading:
        assert get_refresh_status(reading).is_read_only
