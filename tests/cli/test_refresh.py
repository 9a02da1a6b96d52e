import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from psycopg import Connection

import skillmeat
from skillmeat.maintenance.refresh import get_refresh_status, refresh_snapshot
from tests.cli.commands import end, run, start
from tests.maintenance.refresh.conftest import add
from tests.maintenance.refresh.refreshers import wait_until_refresh_waits, with_parameters

EAGER = ("refresh", "--watch", "--share", "1", "--after-changes", "1", "--every", "0.01")

# A process that hangs is killed after this time, and the test fails.
SECONDS = 30


@contextmanager
def watcher(*options: str) -> Iterator[subprocess.Popen[str]]:
    """Start a watch and wait for its first line; kill it after the block if it still runs."""
    process = start(*EAGER, *options)
    guard = threading.Timer(SECONDS, process.kill)
    guard.start()
    try:
        assert "watching" in line_of(process)
        yield process
    finally:
        guard.cancel()
        process.kill()
        end(process)


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_a_refresh_prints_how_many_changes_it_absorbed(filled: Connection) -> None:
    changes = get_refresh_status(filled).changes

    first, second = run("refresh"), run("refresh")

    assert first.out.startswith(f"refreshed {changes} changes in ")
    assert (second.code, second.out) == (0, "nothing to refresh\n")
    assert get_refresh_status(filled).changes == 0


@pytest.mark.usefixtures("filled")
def test_a_refresh_as_json_has_its_changes() -> None:
    first, second = run("refresh", "--json").json, run("refresh", "--json").json

    assert first.keys() == {"time", "event", "changes", "seconds", "because", "oldest_seconds"}
    assert (first["event"], second["event"]) == ("refreshed", "unchanged")


def test_a_refresh_reports_that_another_session_refreshes(url: str, filled: Connection) -> None:
    with skillmeat.connect(url) as other:
        refresh_snapshot(other)

        ran = run("refresh")

    assert (ran.code, ran.out) == (0, "another session is refreshing\n")
    assert get_refresh_status(filled).changes == 0


def test_a_refresh_fills_an_empty_snapshot_and_prints_that(conn: Connection) -> None:
    conn.execute("refresh materialized view artifact_summaries_snapshot with no data")

    filled = run("refresh")

    assert filled.out.startswith("refreshed 0 changes in ")
    assert filled.out.endswith(": the snapshot was empty\n")
    assert get_refresh_status(conn).is_populated


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("-c role=skillmeat_reader", "permission denied"),
        ("-c default_transaction_read_only=on", "read-only"),
    ],
)
def test_a_refresh_that_the_server_refuses_fails_in_one_line(
    url: str, conn: Connection, monkeypatch: pytest.MonkeyPatch, options: str, why: str
) -> None:
    add(conn, "a")
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", with_parameters(url, options=options))

    refused = run("refresh")

    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert refused.err.startswith("error: ")
    assert why in refused.err
    assert get_refresh_status(conn).changes == 1


def test_a_refresh_without_a_server_fails_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", "postgresql://me:geheim@localhost:1/x")

    refused = run("refresh")

    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "geheim" not in refused.err


def test_a_refresh_in_an_unmigrated_schema_fails_in_one_line() -> None:
    refused = run("--schema", "nothing_here", "refresh")

    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "run `skillmeat migrate up`" in refused.err


@pytest.mark.parametrize(
    "options",
    [
        ("--share", "0.5"),
        ("--every", "2"),
        ("--watch", "--share", "0"),
        ("--watch", "--every", "0"),
    ],
)
def test_options_out_of_range_are_wrong_usage(options: tuple[str, ...]) -> None:
    refused = run("refresh", *options)

    assert (refused.code, refused.out) == (2, "")


def test_a_watch_prints_each_refresh_and_its_reason_and_sigterm_ends_it_quietly(
    conn: Connection,
) -> None:
    add(conn, "a")

    with watcher() as process:
        output = line_of(process)
        process.terminate()

        ended = end(process)

    assert output.startswith("refreshed 1 change in ")
    assert output.endswith(" s: enough changes had gathered\n")
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_a_watch_as_json_prints_one_document_a_line(conn: Connection) -> None:
    conn.execute("refresh materialized view artifact_summaries_snapshot with no data")

    with watcher("--json") as process:
        first = json.loads(line_of(process))
        add(conn, "a")
        second = json.loads(line_of(process))

    assert (first["event"], first["because"]) == ("refreshed", "unpopulated")
    assert (second["changes"], second["because"]) == (1, "many_changes")
    assert first.keys() == second.keys()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_a_watch_during_a_refresh(
    url: str, conn: Connection, sent: signal.Signals, code: int
) -> None:
    add(conn, "a")
    with skillmeat.connect(url) as blocker, watcher() as process:
        blocker.execute("refresh materialized view artifact_summaries_snapshot")
        wait_until_refresh_waits(conn)
        process.send_signal(sent)

        ended = end(process)
        blocker.rollback()

    assert (ended.code, ended.out, ended.err) == (code, "", "")
    assert get_refresh_status(conn).changes == 1


def test_a_signal_ends_a_watch_that_never_found_a_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", "postgresql://me:geheim@localhost:1/x")
    with watcher() as process:
        output = line_of(process)
        process.terminate()

        ended = end(process)

    assert output.startswith("no server accepts writes: ")
    assert "geheim" not in output
    assert (ended.code, ended.out, ended.err) == (0, "", "")
