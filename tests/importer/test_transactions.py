"""An import writes all or nothing, in the caller's transaction or in its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from psycopg import Connection
from psycopg.pq import TransactionStatus

import skillmeat
from skillmeat.errors import SourceError, UnknownKey
from skillmeat.importer import import_paths
from skillmeat.maintenance import get_totals, list_count_drift
from tests.catalogue.sessions import eventually
from tests.catalogue.test_roles import member_of
from tests.importer.markets import SAMPLE, document, market, rows, run_import

STEPS = 6

IMPORTER = """
import sys
import skillmeat
from skillmeat.importer import import_paths

def stop(what, done, total):
    if (what, done) == ("writing", int(sys.argv[3])):
        print("there", flush=True)
        sys.stdin.read()

with skillmeat.connect(sys.argv[1], autocommit=True) as conn:
    import_paths(conn, [sys.argv[2]], on_progress=stop)
"""


def test_a_killed_importer_leaves_nothing(conn: Connection, url: str) -> None:
    sessions = "select count(*) from pg_stat_activity where datname = current_database()"
    before, open_before = rows(conn), conn.execute(sessions).fetchone()
    command = [sys.executable, "-c", IMPORTER, url, str(SAMPLE), str(STEPS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as importer:
        assert importer.stdout is not None
        assert importer.stdout.readline() == b"there\n"
        held = get_totals(conn)

        os.kill(importer.pid, signal.SIGKILL)

    eventually(lambda: conn.execute(sessions).fetchone() == open_before)
    assert held.artifacts == 0
    assert rows(conn) == before
    assert run_import(conn, SAMPLE).artifacts.added == 15


def test_an_error_at_any_step_leaves_nothing(conn: Connection) -> None:
    before = rows(conn)

    for step in range(STEPS + 1):

        def fail(what: str, done: int, _total: int, step: int = step) -> None:
            if (what, done) == ("writing", step):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            import_paths(conn, [SAMPLE], on_progress=fail)

        assert (step, rows(conn)) == (step, before)
        assert conn.info.transaction_status == TransactionStatus.IDLE
    assert run_import(conn, SAMPLE).changed


def test_progress_goes_from_zero_to_the_total(conn: Connection) -> None:
    progress: list[tuple[str, int, int]] = []

    import_paths(
        conn, [SAMPLE], on_progress=lambda what, done, total: progress.append((what, done, total))
    )

    writing = [(done, total) for what, done, total in progress if what == "writing"]
    assert ("reading", 19, 19) in progress
    assert writing == sorted(writing)
    assert (writing[0], writing[-1]) == ((0, STEPS), (STEPS, STEPS))


def test_an_import_in_the_callers_transaction_commits_nothing(conn: Connection, url: str) -> None:
    with skillmeat.connect(url) as caller:
        report = import_paths(caller, [SAMPLE])

        assert report.artifacts.added == get_totals(caller).artifacts == 15
        assert list_count_drift(caller) == ()
        assert get_totals(conn).artifacts == 0
        caller.rollback()

    assert get_totals(conn).artifacts == 0
    with conn.transaction(force_rollback=True):
        import_paths(conn, [SAMPLE])
    assert get_totals(conn).artifacts == 0


def test_two_imports_in_one_transaction_equal_one(conn: Connection, url: str) -> None:
    with skillmeat.connect(url) as caller:
        first = import_paths(caller, [SAMPLE])
        second = import_paths(caller, [SAMPLE], prune=True)
        caller.commit()

    assert (first.changed, second.changed) == (True, False)
    assert list_count_drift(conn) == ()
    assert get_totals(conn).artifacts == 15


def test_a_dry_run_in_the_callers_transaction_keeps_the_callers_work(
    conn: Connection, tmp_path: Path
) -> None:
    root = market(tmp_path, {"p": {"agents/x.md": document()}})
    with conn.transaction():
        run_import(conn, root)
        dry = run_import(conn, SAMPLE, dry_run=True)

    assert dry.artifacts.added == 15
    assert get_totals(conn).artifacts == 1


def test_a_dry_run_leaves_no_row_and_no_table(conn: Connection) -> None:
    before = rows(conn)

    dry = run_import(conn, SAMPLE, dry_run=True)
    real = run_import(conn, SAMPLE)

    assert (dry.artifacts, dry.collections, dry.memberships, dry.tags, dry.versions_added) == (
        real.artifacts,
        real.collections,
        real.memberships,
        real.tags,
        real.versions_added,
    )
    assert before != rows(conn)
    assert conn.execute("select from pg_class where relpersistence = 't'").rowcount == 0


def test_a_strict_import_of_a_source_with_problems_names_the_problems_and_writes_nothing(
    conn: Connection, tmp_path: Path
) -> None:
    broken = {f"agents/{name}.md": "no front matter" for name in "abcde"}
    root = market(tmp_path, {"p": {"agents/x.md": document(), **broken}})
    before = rows(conn)

    with pytest.raises(SourceError, match=r"5 problems: no front matter \(5\).*first: ") as refused:
        import_paths(conn, [root], strict=True)

    assert len(str(refused.value).splitlines()) == 1
    assert rows(conn) == before
    assert import_paths(conn, [root]).artifacts.added == 6


def test_a_strict_import_of_a_source_without_problems_is_written(conn: Connection) -> None:
    assert import_paths(conn, [SAMPLE], strict=True).artifacts.added == 15


def test_an_empty_path_stops_the_import_of_the_other_paths(
    conn: Connection, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match="nothing importable"):
        import_paths(conn, [SAMPLE, tmp_path])
    with pytest.raises(SourceError, match="name at least one"):
        import_paths(conn, [])

    assert get_totals(conn).artifacts == 0


def test_a_type_that_a_dba_deleted_is_named_in_one_line(conn: Connection) -> None:
    conn.execute("delete from artifact_types where type in ('skill', 'command')")
    before = rows(conn)
    try:
        with pytest.raises(UnknownKey) as refused:
            import_paths(conn, [SAMPLE])

        assert str(refused.value) == (
            "there is no artifact type 'command', 'skill': insert it into artifact_types first"
        )
        assert rows(conn) == before
    finally:
        conn.execute("insert into artifact_types (type) values ('skill'), ('command')")


def test_the_application_role_may_import_and_prune(
    conn: Connection, url: str, server_url: str, tmp_path: Path
) -> None:
    with (
        member_of("skillmeat_app", server_url) as name,
        skillmeat.connect(url, user=name, autocommit=True) as app,
    ):
        assert run_import(app, SAMPLE).artifacts.added == 15
        run_import(app, market(tmp_path, {"p": {"agents/x.md": document()}}))
        root = market(tmp_path, {"q": {"agents/y.md": document()}})
        assert run_import(app, root, prune=True).removed.artifacts == 1

    assert list_count_drift(conn) == ()
