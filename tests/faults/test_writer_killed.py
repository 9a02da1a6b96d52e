"""A killed writer loses its uncommitted changes; everything else stays."""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from psycopg import Connection, errors

from skillmeat.embedded import find_binaries
from skillmeat.embedded.binaries import find_psql
from skillmeat.maintenance.refresh import refresh_snapshot
from tests.catalogue.sessions import SECONDS
from tests.db.oracle import differences
from tests.faults.servers import OwnServer
from tests.faults.state import contents, stale_rows
from tests.faults.stopping_points import (
    CLOSE_COMMIT_GATE,
    blocked_at,
    kill,
    wait_until_blocked,
    wait_until_ended,
)

# Committed and acknowledged before, in a transaction of its own.
FIRST = "insert into collection_artifacts (collection_id, artifact_id) values ('q', 'skill:s1')"
WRITES = (
    "insert into collection_artifacts (collection_id, artifact_id) values ('empty', 'agent:a1')",
    "update artifacts set name = 'renamed' where name = 's2'",
    "delete from artifacts where name = 's3'",
    "update collections set id = 'renamed' where id = 'p'",
)

# Where a writer is stopped. Renames of collections settle in the statement, not at commit.
STOPPED = {
    "in a counting trigger": "lock table count_changes in share mode",
    "in a logging trigger": "lock table artifact_changes in share mode",
    "in its commit, after it settled": CLOSE_COMMIT_GATE,
}


@pytest.mark.parametrize("where", STOPPED)
def test_a_writer_whose_backend_is_killed_has_written_nothing(gated: OwnServer, where: str) -> None:
    with gated.session() as observer:
        observer.execute(FIRST)
        before = contents(observer)
        with (
            gated.session(autocommit=False) as writer,
            blocked_at(gated.url, STOPPED[where]) as holder,
            ThreadPoolExecutor(1) as pool,
        ):
            work = pool.submit(write_all, writer)
            kill(observer, wait_until_blocked(observer, by=holder, work=work))
            failed = work.exception(timeout=SECONDS)

    gated.start()
    assert isinstance(failed, errors.OperationalError)
    assert final_state(gated) == (before, [], [])


def test_a_writer_killed_between_its_statements_has_written_nothing(own: OwnServer) -> None:
    with own.session() as observer, own.session(autocommit=False) as writer:
        observer.execute(FIRST)
        before = contents(observer)
        for each in WRITES:
            writer.execute(each)
        kill(observer, writer.info.backend_pid)

    own.start()
    assert final_state(own) == (before, [], [])


def test_a_client_killed_in_a_statement_has_written_nothing(own: OwnServer) -> None:
    with own.session() as observer:
        observer.execute(FIRST)
        before = contents(observer)
        with (
            blocked_at(own.url, STOPPED["in a counting trigger"]) as holder,
            writing_process(own) as process,
        ):
            pid = wait_until_blocked(observer, by=holder)
            process.kill()
            process.wait()
            holder.rollback()
            wait_until_ended(observer, pid)

    assert final_state(own) == (before, [], [])


def test_a_client_killed_between_its_statements_has_written_nothing(own: OwnServer) -> None:
    with own.session() as observer:
        observer.execute(FIRST)
        before = contents(observer)
        with writing_process(own) as process:
            pid = wait_for_pid(process)
            process.kill()
            wait_until_ended(observer, pid)

    assert final_state(own) == (before, [], [])


def test_a_commit_that_was_sent_succeeds_although_its_client_was_killed(
    gated: OwnServer,
) -> None:
    with gated.session() as observer:
        observer.execute(FIRST)
        expected = contents_after_all_writes(gated)
        with blocked_at(gated.url, CLOSE_COMMIT_GATE) as holder, writing_process(gated) as process:
            pid = wait_for_pid(process)
            send(process, "commit")
            wait_until_blocked(observer, by=holder)
            process.kill()
            process.wait()
            holder.rollback()
            wait_until_ended(observer, pid)

    assert final_state(gated) == (expected, [], [])


def write_all(conn: Connection) -> None:
    for each in WRITES:
        conn.execute(each)
    conn.commit()


def contents_after_all_writes(own: OwnServer) -> object:
    with own.session(autocommit=False) as conn:
        for each in WRITES:
            conn.execute(each)
        return contents(conn)


def final_state(own: OwnServer) -> object:
    """Return the contents, their drift, and the drift after the next refresh."""
    with own.session() as conn:
        found = (contents(conn), differences(conn))
        assert refresh_snapshot(conn) is not None
        return (*found, stale_rows(conn) + differences(conn))


@contextmanager
def writing_process(own: OwnServer) -> Iterator[subprocess.Popen[str]]:
    """Yield a psql that writes, reports the pid of its backend, and commits on request."""
    with subprocess.Popen(
        [
            find_psql(find_binaries()),
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            own.url,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PGOPTIONS": "-c search_path=skillmeat,pg_temp"},
    ) as process:
        try:
            send(process, "begin", *WRITES, "select pg_backend_pid()")
            yield process
        finally:
            process.kill()


def send(process: subprocess.Popen[str], *statements: str) -> None:
    """Send statements to a psql, and do not wait for them."""
    assert process.stdin is not None
    process.stdin.write("".join(f"{each};\n" for each in statements))
    process.stdin.flush()


def wait_for_pid(process: subprocess.Popen[str]) -> int:
    """Wait until the process has written; return the pid of its backend."""
    assert process.stdout is not None
    return int(process.stdout.readline())
