"""Imports at the same time as other imports and other writers."""

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from psycopg import Connection, IsolationLevel

import skillmeat
from skillmeat.catalogue import (
    NewArtifact,
    add_artifacts,
    create_collection,
    delete_artifact,
    delete_collection,
    get_artifact,
    put_artifacts,
    remove_artifacts,
)
from skillmeat.errors import Retry
from skillmeat.importer import import_paths
from skillmeat.maintenance import get_totals, list_count_drift
from tests.importer.markets import SAMPLE, content, document, market, run_import, versions

IMPORTERS = 4


@pytest.fixture
def sessions(url: str) -> Iterator[list[Connection]]:
    with ExitStack() as opened:
        yield [
            opened.enter_context(skillmeat.connect(url, autocommit=True)) for _ in range(IMPORTERS)
        ]


def test_concurrent_imports_of_one_source_equal_one_import(
    conn: Connection, sessions: list[Connection]
) -> None:
    run_import(conn, SAMPLE, dry_run=True)
    start = threading.Barrier(IMPORTERS)

    def run(session: Connection) -> bool:
        start.wait()
        return import_paths(session, [SAMPLE]).changed

    with ThreadPoolExecutor(IMPORTERS) as pool:
        changed = list(pool.map(run, sessions))

    assert sorted(changed) == [False] * (IMPORTERS - 1) + [True]
    together = content(conn)
    assert list_count_drift(conn) == ()
    assert not run_import(conn, SAMPLE, prune=True).changed
    assert content(conn) == together


def test_concurrent_imports_of_a_changed_source_add_one_version(
    conn: Connection, sessions: list[Connection], tmp_path: Path
) -> None:
    files = {f"agents/{number}.md": document("old") for number in range(50)}
    run_import(conn, market(tmp_path, {"p": files}))
    root = market(tmp_path, {"p": {path: document("new") for path in files}})
    start = threading.Barrier(IMPORTERS)

    def run(session: Connection) -> int:
        start.wait()
        return import_paths(session, [root]).versions_added

    with ThreadPoolExecutor(IMPORTERS) as pool:
        added = list(pool.map(run, sessions))

    assert sorted(added) == [0] * (IMPORTERS - 1) + [50]
    assert len(versions(conn, "agent:7")) == 2


def test_imports_of_sources_that_overlap_in_opposite_orders_do_not_deadlock(
    conn: Connection, sessions: list[Connection], tmp_path: Path
) -> None:
    def files(version: str) -> dict[str, str]:
        fields = {"version": version, "tags": "[t1, t2, t3]"}
        return {f"agents/{number}.md": document(**fields) for number in range(30)}

    roots = [
        market(tmp_path / name, {name: files(name), "both": files(name)}, name=name)
        for name in ("1", "2", "3", "4")
    ]

    with ThreadPoolExecutor(IMPORTERS) as pool:
        runs = [
            pool.submit(import_paths, session, order, prune=True)
            for session, order in zip(
                sessions, itertools.cycle((roots, roots[::-1], roots[:2], roots[2:])), strict=False
            )
        ]
        for run in runs:
            run.result()

    run_import(conn, *roots)
    found = get_artifact(conn, "agent:7")
    assert found is not None
    assert found.version == "4"


def test_an_import_beside_writers_is_exact_and_blocks_no_writer(
    conn: Connection, sessions: list[Connection]
) -> None:
    run_import(conn, SAMPLE)
    create_collection(conn, id="mine", name="Mine")
    ids = [row[0] for row in conn.execute("select id from artifacts order by id")]
    done = threading.Event()

    def write(session: Connection) -> int:
        turns = 0
        while not done.is_set():
            new = NewArtifact("agent", f"of-{session.info.backend_pid}-{turns}")
            put_artifacts(session, [new])
            add_artifacts(session, "default", [f"agent:{new.name}"])
            add_artifacts(session, "mine", ids[turns % len(ids) :])
            remove_artifacts(session, "mine", ids[: turns % len(ids)])
            turns += 1
        return turns

    with ThreadPoolExecutor(IMPORTERS) as pool:
        writers = [pool.submit(write, session) for session in sessions[1:]]
        try:
            for _ in range(3):
                import_paths(sessions[0], [SAMPLE], prune=True)
                conn.execute("delete from collections where source is not null")
        finally:
            done.set()
        turns = [writer.result() for writer in writers]

    assert all(turns)
    assert list_count_drift(conn) == ()
    assert get_totals(conn).artifacts == 15 + sum(turns)


def test_an_import_whose_rows_are_deleted_meanwhile_asks_to_run_again(
    conn: Connection, other: Connection, tmp_path: Path
) -> None:
    files = {"agents/x.md": document()}
    run_import(conn, market(tmp_path, {"p": files}))
    root = market(tmp_path, {"p": files, "q": files})
    before = content(conn)

    def delete(what: str, done: int, _total: int) -> None:
        if (what, done) == ("writing", 1):
            delete_artifact(other, "agent:x")

    with pytest.raises(Retry, match="run the import again"):
        import_paths(conn, [root], on_progress=delete)

    assert content(conn)["collections"] != before["collections"]
    assert get_totals(conn).artifacts == 0
    assert run_import(conn, root).artifacts.added == 1


def test_an_import_whose_text_is_deleted_before_it_writes_asks_to_run_again(
    conn: Connection, other: Connection, tmp_path: Path
) -> None:
    root = market(tmp_path, {"p": {"agents/x.md": document("x")}})
    run_import(conn, root)

    def delete(what: str, done: int, _total: int) -> None:
        if (what, done) == ("writing", 0):
            delete_artifact(other, "agent:x")

    with pytest.raises(Retry, match="run the import again"):
        import_paths(conn, [root], on_progress=delete)

    assert get_totals(conn).artifacts == 0
    assert run_import(conn, root).contents_added == 1


def test_a_collection_deleted_during_an_import_is_absent_or_filled(
    conn: Connection, other: Connection, tmp_path: Path
) -> None:
    root = market(tmp_path, {"p": {"agents/x.md": document()}})
    run_import(conn, root)
    root = market(tmp_path, {"p": {"agents/x.md": document(), "agents/y.md": document()}})

    def delete(what: str, done: int, _total: int) -> None:
        if (what, done) == ("writing", 6):
            delete_collection(other, "p")

    import_paths(conn, [root], on_progress=delete)

    assert list_count_drift(conn) == ()
    assert get_totals(conn).artifacts == 2
    assert run_import(conn, root).collections.added == 1


@pytest.mark.parametrize("level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
def test_an_import_above_read_committed_is_exact(
    conn: Connection, url: str, level: IsolationLevel
) -> None:
    with skillmeat.connect(url) as strict:
        strict.isolation_level = level
        assert import_paths(strict, [SAMPLE]).changed
        assert not import_paths(strict, [SAMPLE]).changed
        strict.commit()

    assert list_count_drift(conn) == ()
    assert not run_import(conn, SAMPLE).changed
