"""A refresher without disk space fails in one line, and other sessions continue."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from psycopg import Connection

from skillmeat.maintenance.refresh import refresh_snapshot
from skillmeat.maintenance.refresh.events import Recovered, SnapshotRefreshed, StatementFailed
from tests.cli.commands import end, run, start
from tests.db.oracle import differences
from tests.faults.disks import resize, small_disk
from tests.faults.servers import OwnServer
from tests.faults.state import stale_rows
from tests.faults.stopping_points import REFRESHING, blocked_at, wait_until_blocked
from tests.maintenance.refresh.refreshers import running_refresher, with_parameters

MUCH = """
insert into artifacts (type, name, description)
select 'skill', 'much' || n, string_agg(md5(n || ' ' || m), '')
from generate_series(1, 65) as n, generate_series(1, 580) as m
group by n
"""
WRITE = "insert into artifacts (type, name) values ('skill', 'meanwhile')"

linux = pytest.mark.skipif(sys.platform != "linux", reason="limits another process: Linux only")


@pytest.fixture
def server_before_refresh(own: OwnServer) -> OwnServer:
    """Return a server whose next refresh writes 2.5 MB."""
    with own.session() as conn:
        conn.execute(MUCH)
    return own


# A file of the refresher's backend may not grow beyond 2 MB, as if the disk had no more room. WAL
# segments of this server are smaller.
@linux
def test_a_refresh_that_cannot_write_fails_in_one_line_and_the_next_one_succeeds(
    server_before_refresh: OwnServer,
) -> None:
    with server_before_refresh.session() as conn:
        with blocked_at(server_before_refresh.url, REFRESHING["before it refreshes"]) as holder:
            process = start("refresh", SKILLMEAT_DATABASE_URL=server_before_refresh.url)
            limit_files(wait_until_blocked(conn, by=holder), 2 * 1024**2)
            holder.rollback()
            ran = end(process)
        meanwhile = write_and_compare(conn)
        again = (refresh_snapshot(conn) is not None, stale_rows(conn), differences(conn))

    assert (ran.code, ran.out, ran.err.count("\n"), meanwhile) == (1, "", 1, [])
    assert ran.err.startswith("error: could not extend file")
    assert "File too large" in ran.err
    assert again == (True, [], [])


@linux
def test_a_watch_tries_again_until_there_is_disk_space(server_before_refresh: OwnServer) -> None:
    with server_before_refresh.session() as conn:
        with (
            blocked_at(server_before_refresh.url, REFRESHING["before it refreshes"]) as holder,
            running_refresher(server_before_refresh.url) as events,
        ):
            pid = wait_until_blocked(conn, by=holder)
            limit_files(pid, 2 * 1024**2)
            holder.rollback()
            refused = events.next(StatementFailed)
            meanwhile = write_and_compare(conn)
            limit_files(pid, None)
            events.next(SnapshotRefreshed)
            events.next(Recovered)
        left = (stale_rows(conn), differences(conn))

    assert "could not extend file" in refused.message
    assert (refused.message.count("\n"), meanwhile, left) == (0, [], ([], []))


def test_the_error_names_the_limit_of_temporary_files(
    server_before_refresh: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", as_limited(server_before_refresh.url))
    with server_before_refresh.session() as conn, limited_role(conn):
        refused = run("refresh")
        meanwhile = write_and_compare(conn)
        conn.execute("alter role limited reset temp_file_limit")
        again = run("refresh")
        left = (stale_rows(conn), differences(conn))

    assert (refused.code, refused.err.count("\n"), meanwhile) == (1, 1, [])
    assert "temporary file size exceeds" in refused.err
    assert (again.code, left) == (0, ([], []))


def test_pages_are_exact_while_the_tablespace_is_full(
    own: OwnServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", own.url)
    owner = (own.root / "data").stat()
    with (
        small_disk(tmp_path / "disk", megabytes=2, owner=owner) as disk,
        own.session() as conn,
        tablespace(conn, disk),
    ):
        conn.execute(MUCH)
        refused = run("refresh")
        meanwhile = write_and_compare(conn)
        resize(disk, megabytes=64)
        again = run("refresh")
        left = (stale_rows(conn), differences(conn))

    assert (refused.code, refused.err.count("\n"), meanwhile) == (1, 1, [])
    assert "No space left on device" in refused.err
    assert (again.code, left) == (0, ([], []))


@contextmanager
def tablespace(conn: Connection, place: Path) -> Iterator[None]:
    """Move the snapshot to a tablespace there, and make it as small as possible."""
    conn.execute("refresh materialized view artifact_summaries_snapshot")
    conn.execute(f"create tablespace small location '{place}'")
    conn.execute("alter materialized view artifact_summaries_snapshot set tablespace small")
    refresh_snapshot(conn)
    try:
        yield
    finally:
        conn.execute(
            "alter materialized view artifact_summaries_snapshot set tablespace pg_default"
        )
        conn.execute("checkpoint")
        conn.execute("drop tablespace small")


@contextmanager
def limited_role(conn: Connection) -> Iterator[None]:
    """Yield a role that may refresh, with a small limit for temporary files."""
    conn.execute("create role limited login in role skillmeat_app")
    conn.execute("alter role limited set temp_file_limit = '64kB'")
    conn.execute("alter role limited set work_mem = '64kB'")
    try:
        yield
    finally:
        conn.execute("drop role limited")


def as_limited(url: str) -> str:
    return with_parameters(url, user="limited")


def limit_files(pid: int, size: int | None) -> None:
    """Limit the size of the files that the process writes; None removes the limit."""
    import resource  # noqa: PLC0415 - no other system has prlimit

    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))


def write_and_compare(conn: Connection) -> list[str]:
    """Write, and return the drift that readers see."""
    conn.execute(WRITE)
    return differences(conn)
