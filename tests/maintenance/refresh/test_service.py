"""A refresher in the background, beside sessions that write, lock and interrupt."""

import socket
import threading
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

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
from skillmeat.settings.services import change_service, write_service
from tests.catalogue.sessions import eventually
from tests.conftest import database
from tests.embedded.conftest import root, stopped_root, template_root
from tests.maintenance.refresh.conftest import add
from tests.maintenance.refresh.refreshers import (
    EAGER,
    RecordedEvents,
    running_refresher,
    wait_until_refresh_waits,
    with_parameters,
)

__all__ = ["root", "stopped_root", "template_root"]

DRIFT = "select from summary_drift"
OTHER_SESSIONS = """
    select
    from pg_stat_activity
    where
        datname = current_database()
        and pid <> pg_backend_pid()
        and backend_type = 'client backend'
"""
IN_SNAPSHOT = "select id from artifact_summaries_snapshot order by id"


def test_a_refresher_refreshes_a_writer_s_change(url: str, conn: Connection) -> None:
    with running_refresher(url) as events:
        add(conn, "a")
        event = events.next(SnapshotRefreshed)

    assert (event.changes, event.because) == (1, RefreshReason.MANY_CHANGES)
    assert conn.execute(IN_SNAPSHOT).fetchall() == [("skill:a",)]


def test_a_refresher_fills_an_empty_snapshot(url: str, conn: Connection) -> None:
    add(conn, "a")
    conn.execute("refresh materialized view artifact_summaries_snapshot with no data")

    with running_refresher(url) as events:
        event = events.next(SnapshotRefreshed)

    assert event.because == RefreshReason.UNPOPULATED
    assert conn.execute(IN_SNAPSHOT).fetchall() == [("skill:a",)]


def test_a_refresher_recreates_a_dropped_index(url: str, conn: Connection) -> None:
    conn.execute("drop index artifact_summaries_snapshot_id_idx")

    with running_refresher(url) as events:
        event = events.next(SnapshotRefreshed)

    assert (event.changes, event.because) == (0, RefreshReason.UNINDEXED)
    assert get_refresh_status(conn).is_indexed


@pytest.mark.parametrize("how", ["", "concurrently"])
def test_a_refresher_works_beside_refreshes_by_hand(url: str, conn: Connection, how: str) -> None:
    with running_refresher(url) as events:
        for each in "abcde":
            add(conn, each)
            conn.execute(f"refresh materialized view {how} artifact_summaries_snapshot")
        events.next(SnapshotRefreshed)
        eventually(lambda: get_refresh_status(conn).changes == 0)

    assert conn.execute(DRIFT).rowcount == 0
    assert all(isinstance(each, SnapshotRefreshed) for each in events.all)


def test_a_refresher_settles_pending_counts(url: str, conn: Connection) -> None:
    leave_counts_pending(url, conn)

    with running_refresher(url) as events:
        event = events.next(CountsSettled)

    assert (event.counts, event.still_pending) == (3, 0)
    assert conn.execute("select artifact_count from collections").fetchone() == (3,)


def test_a_refresher_removes_pending_counts_of_deleted_collections(
    url: str, conn: Connection
) -> None:
    leave_counts_pending(url, conn)
    conn.execute("truncate collections cascade")
    assert get_refresh_status(conn).pending_counts > 0

    with running_refresher(url) as events:
        events.next(CountsSettled)

    assert get_refresh_status(conn).pending_counts == 0


def test_two_refreshers_never_refresh_at_once(url: str, conn: Connection) -> None:
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


def test_a_refresher_works_with_serializable_as_the_default(url: str, conn: Connection) -> None:
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


class SharedConnection(threading.Semaphore):
    """The only connection of several refreshers, and the sessions of the holders that left."""

    def __init__(self, observer: Connection) -> None:
        super().__init__(1)
        self._observer = observer
        self.left = 0

    def __exit__(self, *error: object) -> None:
        eventually(lambda: not self._observer.execute(OTHER_SESSIONS).fetchall())
        self.left += 1
        super().__exit__(*error)  # type: ignore[arg-type]


def test_refreshers_that_share_a_connection_are_connected_one_at_a_time(url: str) -> None:
    events = RecordedEvents()
    with skillmeat.connect(url, autocommit=True) as observer:
        shared = SharedConnection(observer)
        with (
            Refresher(url, policy=EAGER, on_event=events, connections=shared),
            Refresher(url, policy=EAGER, on_event=events, connections=shared),
        ):
            add(observer, "a")
            events.next(SnapshotRefreshed)
            eventually(lambda: shared.left >= 4)


@pytest.fixture
def service_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let libpq read a service file that does not exist yet."""
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))


@pytest.mark.usefixtures("service_file")
def test_a_refresher_keeps_the_parameters_of_a_service(url: str) -> None:
    own = {"connect_timeout": "60", "application_name": "mine"}
    write_service("slow", {**read_parameters(url), **own})
    service = "postgresql:///?service=slow"

    for connect in (make_connector(service), partial(skillmeat.connect, service)):
        with connect() as conn:
            used = conn.info.get_parameters()

        assert {key: used[key] for key in own} == own
        # That of every connection.
        assert used["tcp_user_timeout"] == "30000"


@pytest.mark.usefixtures("service_file")
def test_a_refresher_follows_its_service_to_another_server(
    conn: Connection, url: str, server_url: str, template: str
) -> None:
    write_service("moved", read_parameters(url))
    with (
        database(server_url, template=template) as new_url,
        skillmeat.connect(new_url, autocommit=True) as new,
        running_refresher("postgresql:///?service=moved") as events,
    ):
        add(conn, "old")
        events.next(SnapshotRefreshed)
        change_service("moved", lambda _: read_parameters(new_url))
        add(new, "new")
        events.next(SnapshotRefreshed)

        assert new.execute(IN_SNAPSHOT).fetchall() == [("skill:new",)]


def read_parameters(url: str) -> dict[str, str]:
    return {key: str(value) for key, value in conninfo_to_dict(url).items()}


def test_stop_does_not_wait_for_a_running_refresh(
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


def test_stop_does_not_wait_for_a_server_that_does_not_answer() -> None:
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


def test_run_returns_at_once_after_an_earlier_stop(url: str) -> None:
    refresher = Refresher(url)
    refresher.stop()

    assert refresher.run() is None  # type: ignore[func-returns-value]


def test_run_raises_what_on_event_raises(url: str, conn: Connection) -> None:
    def refuse(_event: RefreshEvent) -> NoReturn:
        message = "no more events"
        raise RuntimeError(message)

    add(conn, "a")

    with pytest.raises(RuntimeError, match="no more events"):
        Refresher(url, policy=EAGER, on_event=refuse).run()


def test_an_invalid_schema_name_is_refused_at_once(url: str) -> None:
    with pytest.raises(InvalidSchemaName):
        Refresher(url, schema="pg_x")


def test_a_refresher_without_work_reports_nothing(url: str, conn: Connection) -> None:
    with running_refresher(url) as events:
        eventually(lambda: is_watched(conn))

    assert events.all == []


def test_a_refresher_waits_for_another_session_without_an_event(url: str, conn: Connection) -> None:
    add(conn, "a")
    with skillmeat.connect(url) as other:
        refresh_snapshot(other)
        with running_refresher(url) as events:
            eventually(lambda: is_watched(conn))
            other.rollback()
            events.next(SnapshotRefreshed)

    assert [type(each) for each in events.all] == [SnapshotRefreshed]


def leave_counts_pending(url: str, conn: Connection) -> None:
    """Add three memberships to a collection while another session locks its row."""
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
    """Return whether another session has read the status of the snapshot."""
    asked = "select from pg_stat_activity where query ~ 'refresh_status' and pid <> %s"
    return observer.execute(asked, (observer.info.backend_pid,)).rowcount > 0


def is_gone(observer: Connection, pid: int) -> bool:
    found = "select from pg_stat_activity where pid = %s"
    return observer.execute(found, (pid,)).rowcount == 0


def test_the_connector_starts_an_embedded_server_only_once(
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


def test_the_connector_refuses_a_read_only_server(url: str, conn: Connection) -> None:
    conn.execute(f"alter database {conn.info.dbname} set default_transaction_read_only = on")

    with pytest.raises(CannotConnect, match="session is read-only"):
        make_connector(url)()


def test_the_connector_lifts_every_time_limit_of_the_database(url: str, conn: Connection) -> None:
    limits = conn.execute(
        "select name from pg_settings "
        "where name ~ '^(statement|transaction|lock|idle.*_session)_timeout$' order by name"
    ).fetchall()
    for (limit,) in limits:
        conn.execute(f"alter database {conn.info.dbname} set {limit} = '1min'")

    with make_connector(url)() as patient:
        left = [
            setting
            for (limit,) in limits
            for setting in patient.execute(f"show {limit}").fetchone() or ()
            if setting != "0"
        ]
    assert (len(limits) >= 4, left) == (True, [])


def test_a_url_may_allow_a_read_only_server(url: str, conn: Connection) -> None:
    conn.execute(f"alter database {conn.info.dbname} set default_transaction_read_only = on")

    with make_connector(with_parameters(url, target_session_attrs="any"))() as reading:
        assert get_refresh_status(reading).is_read_only
