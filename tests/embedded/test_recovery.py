"""The next start recovers after a killed server, backend or client."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from skillmeat.embedded import get_status, start, stop
from skillmeat.errors import ServerError
from tests.embedded.clients import STARTS, client, is_alive, recorded_pid, wait_until


@contextmanager
def other_process() -> Iterator[int]:
    """Yield the pid of a living process that does not belong to the server."""
    with subprocess.Popen(["sleep", "600"]) as process:  # noqa: S607
        try:
            yield process.pid
            assert process.poll() is None, "another process was ended"
        finally:
            process.kill()


def rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        return connection.execute("select from kept").rowcount


def is_cut(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("select 1")
    except psycopg.OperationalError:
        return True
    return False


def test_committed_rows_survive_a_kill_of_the_server(stopped_root: Path) -> None:
    with psycopg.connect(start(stopped_root), autocommit=True) as connection:
        connection.execute("create table kept as select generate_series(1, 1000)")
    os.kill(recorded_pid(stopped_root), signal.SIGKILL)

    assert rows(start(stopped_root)) == 1000


def test_a_busy_backend_of_a_killed_server_does_not_block_the_next(stopped_root: Path) -> None:
    url = start(stopped_root)
    with (
        closing(psycopg.connect(url, autocommit=True)) as observer,
        closing(psycopg.connect(url)) as busy,
    ):
        busy.pgconn.send_query(b"do $$ begin loop end loop; end $$")
        orphan = busy.info.backend_pid
        asked = "select state from pg_stat_activity where pid = %s"
        wait_until(lambda: observer.execute(asked, [orphan]).fetchone() == ("active",))
        os.kill(recorded_pid(stopped_root), signal.SIGKILL)

        start(stopped_root)

        assert not is_alive(orphan)


def test_the_server_recovers_from_a_killed_backend(stopped_root: Path) -> None:
    url = start(stopped_root)
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("create table kept as select 1")
        with closing(psycopg.connect(url)) as witness:
            os.kill(connection.info.backend_pid, signal.SIGKILL)
            wait_until(lambda: is_cut(witness))

        assert rows(start(stopped_root)) == 1


def test_a_stop_during_crash_recovery_succeeds(stopped_root: Path) -> None:
    url = start(stopped_root)
    with closing(psycopg.connect(url)) as killed, closing(psycopg.connect(url)) as witness:
        os.kill(killed.info.backend_pid, signal.SIGKILL)
        wait_until(lambda: is_cut(witness))

    assert stop(stopped_root, timeout=20)


def test_a_start_repeats_an_interrupted_initdb(root: Path) -> None:
    # initdb writes PG_VERSION long before it finishes.
    with client(STARTS, root) as killed:
        wait_until(lambda: list(root.glob("initdb-*/PG_VERSION")))
        orphans = [each.pid for each in psutil.Process(killed.pid).children(recursive=True)]
        killed.kill()
    assert orphans
    wait_until(lambda: not any(map(is_alive, orphans)))  # initdb outlives it, and still writes
    assert not (root / "data").exists()

    start(root)

    assert get_status(root).running
    assert not list(root.glob("initdb-*"))


def test_a_client_killed_while_the_server_starts_leaves_a_server_for_the_next(
    stopped_root: Path,
) -> None:
    with client(STARTS, stopped_root) as killed:
        wait_until((stopped_root / "data" / "postmaster.pid").exists)
        killed.kill()

    start(stopped_root)

    assert get_status(stopped_root).running


def test_a_stale_pid_of_another_process_is_ignored(stopped_root: Path) -> None:
    start(stopped_root)
    os.kill(recorded_pid(stopped_root), signal.SIGKILL)
    record = stopped_root / "data" / "postmaster.pid"
    with other_process() as pid:
        record.write_text(f"{pid}\n" + record.read_text().partition("\n")[2])

        seen = get_status(stopped_root)
        stopped = stop(stopped_root)
        start(stopped_root)

    assert (seen.running, seen.pid, stopped) == (False, None, False)
    assert get_status(stopped_root).running


def test_a_stale_socket_lock_of_another_process_is_ignored(stopped_root: Path) -> None:
    with other_process() as pid:
        (stopped_root / "socket" / ".s.PGSQL.5432.lock").write_text(f"{pid}\n")

        start(stopped_root)

    assert get_status(stopped_root).running


def test_a_server_whose_socket_was_deleted_is_replaced(stopped_root: Path) -> None:
    start(stopped_root)
    unreachable = recorded_pid(stopped_root)
    shutil.rmtree(stopped_root / "socket")

    start(stopped_root)

    assert recorded_pid(stopped_root) != unreachable
    assert not is_alive(unreachable)


def test_a_server_that_does_not_answer_is_reported_and_left_alone(stopped_root: Path) -> None:
    start(stopped_root)
    pid = recorded_pid(stopped_root)
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(ServerError, match=f"pid {pid}.*neither answers nor ends"):
            start(stopped_root, timeout=0.1)
    finally:
        os.kill(pid, signal.SIGCONT)

    assert is_alive(pid)
