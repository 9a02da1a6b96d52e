"""A refresh that ends in any of its phases is as if it had not begun; a refresher goes on."""

from collections.abc import Callable

import pytest
from _pytest.mark import ParameterSet
from psycopg import Connection

import skillmeat
from skillmeat import embedded
from skillmeat.maintenance.refresh import get_refresh_status, refresh_snapshot
from skillmeat.maintenance.refresh.events import ConnectionLost, Recovered, SnapshotRefreshed
from skillmeat.maintenance.refresh.status import REFRESH
from tests.catalogue.sessions import SECONDS
from tests.cli.test_refresh import watcher
from tests.concurrency.sessions import running
from tests.db.oracle import differences
from tests.faults.servers import OwnServer
from tests.faults.state import stale_rows
from tests.faults.stopping_points import (
    COMMITTING,
    REFRESHING,
    blocked_at,
    cancel,
    kill,
    terminate,
    wait_until_blocked,
    wait_until_ended,
)
from tests.maintenance.refresh.conftest import add
from tests.maintenance.refresh.refreshers import running_refresher

CHANGES = """
update artifacts set title = 'changed' where type = 'skill';
update artifacts set name = 'renamed' where name = 'a1';
delete from artifacts where name = 'a2';
insert into artifacts (type, name) values ('skill', 'new');
insert into collection_artifacts (collection_id, artifact_id) values ('p', 'skill:new');
"""


def change(conn: Connection) -> int:
    """Change some summaries, and return how many changes are listed."""
    conn.execute(CHANGES)
    return get_refresh_status(conn).changes


def phases() -> list[ParameterSet]:
    """Return the phases to test: each phase needs a new process, which is slow."""
    last = list(REFRESHING)[-1]
    exhaustive = pytest.mark.exhaustive
    return [pytest.param(each, marks=() if each == last else exhaustive) for each in REFRESHING]


def interruptions() -> list[ParameterSet]:
    """Return each phase with each fault: one fault for each phase takes turns, the rest is slow."""
    faults = [cancel, terminate, kill]
    return [
        pytest.param(phase, fault, marks=() if place == turn % 3 else pytest.mark.exhaustive)
        for turn, phase in enumerate(REFRESHING | COMMITTING)
        for place, fault in enumerate(faults)
    ]


@pytest.mark.parametrize(("phase", "fault"), interruptions())
def test_an_interrupted_refresh_changes_nothing(
    gated: OwnServer, phase: str, fault: Callable[[Connection, int], None]
) -> None:
    with gated.session() as observer:
        changes = change(observer)
        with (
            gated.session(autocommit=False) as refresher,
            blocked_at(gated.url, (REFRESHING | COMMITTING)[phase]) as holder,
            running(refresher, REFRESH) as work,
        ):
            fault(observer, wait_until_blocked(observer, by=holder, work=work))
            failed = work.exception(timeout=SECONDS) is not None

    gated.start()
    with gated.session() as conn:
        left = (get_refresh_status(conn).changes, differences(conn))
        again = (refresh_snapshot(conn), stale_rows(conn), differences(conn))
    assert (failed, left, again) == (True, (changes, []), (changes, [], []))


@pytest.mark.parametrize("phase", phases())
def test_a_killed_watch_leaves_its_refresh_undone(
    gated: OwnServer, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", gated.url)
    with gated.session() as observer:
        changes = change(observer)
        with blocked_at(gated.url, REFRESHING[phase]) as holder, watcher() as process:
            pid = wait_until_blocked(observer, by=holder)
            process.kill()
            process.wait()
            holder.rollback()
            wait_until_ended(observer, pid)

        left = (get_refresh_status(observer).changes, differences(observer))
        again = (refresh_snapshot(observer), stale_rows(observer), differences(observer))
    assert (left, again) == ((changes, []), (changes, [], []))


def test_a_watch_killed_during_its_commit_has_refreshed(
    gated: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", gated.url)
    with gated.session() as observer:
        change(observer)
        with blocked_at(gated.url, COMMITTING["in its commit"]) as holder, watcher() as process:
            pid = wait_until_blocked(observer, by=holder)
            process.kill()
            process.wait()
            holder.rollback()
            wait_until_ended(observer, pid)

        assert (
            get_refresh_status(observer).changes,
            stale_rows(observer),
            differences(observer),
        ) == (0, [], [])


def test_a_watch_refreshes_again_after_its_backend_was_killed(own: OwnServer) -> None:
    with (
        own.session() as observer,
        blocked_at(own.url, REFRESHING["before it refreshes"]) as holder,
        running_refresher(own.url) as events,
    ):
        changes = change(observer)
        kill(observer, wait_until_blocked(observer, by=holder))
        events.next(ConnectionLost)
        events.next(Recovered)
        told = events.next(SnapshotRefreshed)

    with own.session() as conn:
        assert (told.changes, stale_rows(conn), differences(conn)) == (changes, [], [])


def test_a_refresher_reconnects_to_a_restarted_server(
    own: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SKILLMEAT_DATABASE_URL", raising=False)
    monkeypatch.setenv("SKILLMEAT_DATA_DIR", str(own.root))

    with running_refresher() as events:
        with skillmeat.connect(autocommit=True) as conn:
            add(conn, "a")
            events.next(SnapshotRefreshed)
        embedded.stop(own.root)
        lost = events.next(ConnectionLost)
        own.start()
        events.next(Recovered)
        with skillmeat.connect(autocommit=True) as conn:
            add(conn, "b")
            events.next(SnapshotRefreshed)

    assert [type(each) for each in events.all] == [
        SnapshotRefreshed,
        ConnectionLost,
        Recovered,
        SnapshotRefreshed,
    ]
    assert lost.before


def test_another_session_may_refresh_after_the_refresher_was_killed(own: OwnServer) -> None:
    with own.session() as observer:
        changes = change(observer)
        with (
            own.session(autocommit=False) as refresher,
            blocked_at(own.url, REFRESHING["before it notes what it did"]) as holder,
            running(refresher, REFRESH) as work,
        ):
            pid = wait_until_blocked(observer, by=holder, work=work)
            before = refresh_snapshot(observer)
            kill(observer, pid)

    own.start()
    with own.session() as conn:
        assert (before, refresh_snapshot(conn)) == (None, changes)
