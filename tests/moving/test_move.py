"""A catalogue moves to another server beside its clients, also after an interruption."""

import signal
from collections.abc import Iterator

import psycopg
import pytest

from skillmeat import migration
from skillmeat.catalogue import create_token
from skillmeat.cli.errors import EXIT_INTERRUPTED
from tests.cli.commands import run, start
from tests.db.oracle import differences
from tests.moving.servers import (
    ADDED,
    Servers,
    connect_to,
    run_clients,
    serve_tenant,
)
from tests.replication.conftest import MadeCluster

WRITES = (
    "insert into tags (name, slug) values ('new', 'new')",
    "update collections set name = 'new'",
    "delete from artifacts",
    "truncate project_templates",
    "update api_tokens set revoked_at = now()",
)


@pytest.fixture(scope="module")
def servers(
    original: MadeCluster, major: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servers]:
    with (
        pytest.MonkeyPatch.context() as patch,
        serve_tenant(original, (major, major), tmp_path_factory.mktemp("move"), patch) as both,
    ):
        yield both


def test_a_killed_move_goes_on_and_loses_no_commit(servers: Servers) -> None:
    with connect_to(servers.here) as conn:
        create_token(conn, name="web", scope="write")
    old, new = servers.here, servers.there
    with run_clients(servers, writers=1) as clients:
        moving = start("catalogue", "move", "tenant", "--to", new.url)
        assert moving.stderr is not None
        for line in moving.stderr:
            if line.startswith("both copies have the same"):
                break
        moving.kill()
        moving.communicate()
        ran = run("catalogue", "move", "tenant", "--to", new.url)
        before = len(clients.added)

    with connect_to(servers.here) as conn:
        found = {name for (name,) in conn.execute(ADDED)}
        drift = differences(conn)
        tokens = conn.execute("select name from api_tokens").fetchall()
    assert (ran.code, servers.here) == (0, new), ran.err
    assert clients.added - found == set()
    assert (clients.inexact, clients.unexpected, drift) == ([], [], [])
    assert tokens == [("web",)]
    assert servers.list_left_behind() == []
    assert before > 0
    # A check must not take the fence for a difference, and open the old copy.
    migration.fix_schema(url=old.url)
    with connect_to(old) as conn:
        refused = [_refuse(conn, each) for each in WRITES]
        conn.execute("set session_replication_role = replica")
        refused += [_refuse(conn, each) for each in WRITES[:1]]
        assert differences(conn) == []
    assert refused == ["57P03"] * len(refused)
    servers.drop_other_copy()


def test_an_aborted_move_leaves_the_old_copy_as_it_was(servers: Servers) -> None:
    old, new = servers.here, servers.there
    moving = start("catalogue", "move", "tenant", "--to", new.url)
    assert moving.stderr is not None
    for line in moving.stderr:
        if line.startswith("refreshing"):
            moving.send_signal(signal.SIGINT)
            break
    moving.communicate()
    aborted = run("catalogue", "move", "tenant", "--to", new.url, "--abort")
    again = run("catalogue", "move", "tenant", "--to", new.url, "--abort")

    after = run("catalogue", "move", "tenant", "--to", old.url, "--abort")

    assert moving.returncode == EXIT_INTERRUPTED
    assert after.code == 1
    assert (aborted.code, again.code, servers.here) == (0, 0, old)
    assert servers.list_left_behind() == []
    with connect_to(old) as conn, psycopg.connect(new.url) as other:
        conn.execute("update tags set color = '#ffffff' where id = 'p'")
        schemas = other.execute("select from pg_namespace where nspname = 'skillmeat'").fetchall()
    assert schemas == []


# Each makes a move impossible, is undone, and has its own line.
OBSTACLES = (
    (
        "new",
        "create schema skillmeat; create table skillmeat.own ()",
        "drop schema skillmeat cascade",
        "holds something already",
    ),
    ("old", "create table notes ()", "drop table notes", "leave behind: table notes"),
    (
        "old",
        "alter table tags add note text",
        "alter table tags drop note",
        "leave behind: column tags.note text",
    ),
    (
        "old",
        "alter table tags replica identity nothing",
        "alter table tags replica identity default",
        "table tags of the old copy has no replica identity",
    ),
    (
        "old",
        "update collections set artifact_count = 77 where id = 'p'",
        "select repair_counts()",
        "of the old copy drift: run `skillmeat repair`",
    ),
    (
        "old",
        "create role web login; grant skillmeat_reader to web",
        "drop role web",
        "has no role web, with which clients of the catalogue log in",
    ),
)


def test_what_would_stop_a_move_is_named_first(servers: Servers) -> None:
    lines = []
    for side, obstruct, clear, _ in OBSTACLES:
        cluster = servers.here if side == "old" else servers.there
        with connect_to(cluster) as conn:
            conn.execute(obstruct)
            ran = run("catalogue", "move", "tenant", "--to", servers.there.url)
            lines.append(ran.err.splitlines()[-1])
            conn.execute(clear)
    same = run("catalogue", "move", "tenant", "--to", servers.here.url)
    publisher = "host=/nonexistent dbname=postgres"
    lost = run("catalogue", "move", "tenant", "--to", servers.there.url, "--publisher", publisher)
    run("catalogue", "move", "tenant", "--to", servers.there.url, "--abort")

    for line, (*_, expected) in zip(lines, OBSTACLES, strict=True):
        assert line.startswith("error: ")
        assert expected in line
    assert (same.code, same.out) == (0, f"tenant is at {_place(servers)} already\n")
    assert "cannot replicate from the old one" in lost.err
    assert servers.list_left_behind() == []


def _place(servers: Servers) -> str:
    return f"host={servers.here.socket} port=5432 dbname=postgres"


def _refuse(conn: psycopg.Connection, statement: str) -> str | None:
    try:
        conn.execute(statement)
    except psycopg.Error as error:
        return error.sqlstate
    return None
