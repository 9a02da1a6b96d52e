"""Behind PgBouncer, no transaction of a client fails while its catalogue moves."""

import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import psycopg
import pytest
from psycopg.rows import dict_row

import skillmeat
from tests.catalogue.sessions import eventually
from tests.cli.commands import run, start
from tests.db.oracle import differences
from tests.moving.servers import SCHEMA, THINK_SECONDS, Servers, connect_to, serve_tenant
from tests.replication.bouncer import program, run_pgbouncer
from tests.replication.clusters import MadeCluster

WEB = """
create role web login;
alter role web set search_path = skillmeat, pg_temp;
"""
STARTED = "select pg_postmaster_start_time()"
CLIENTS = 2
ADMIN = "admin_users = web\n"


@pytest.fixture
def servers(
    original: MadeCluster, major: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Servers]:
    with serve_tenant(original, (major, major), tmp_path, monkeypatch) as both:
        for each in (both.first, both.second):
            with psycopg.connect(each.url) as conn:
                conn.execute(WEB)
        with connect_to(both.first) as conn:
            conn.execute("grant skillmeat_app to web")
        yield both


def is_paused(console: str) -> bool:
    """Return whether PgBouncer keeps the clients of the database waiting."""
    with psycopg.connect(console, autocommit=True) as conn:
        cursor = psycopg.ClientCursor(conn, row_factory=dict_row)
        databases = cursor.execute("SHOW DATABASES").fetchall()
    return any(row["name"] == "postgres" and int(row["paused"]) for row in databases)


def kill_while_paused(moving: subprocess.Popen[str], console: str, servers: Servers) -> None:
    """Kill a move while it keeps the clients of PgBouncer waiting."""

    def is_stopped_while_paused() -> bool:
        if is_paused(console):
            moving.send_signal(signal.SIGSTOP)
            if is_paused(console):
                return True
            moving.send_signal(signal.SIGCONT)
        return False

    # The move waits for this lock after it has paused PgBouncer.
    with connect_to(servers.first) as conn, conn.transaction(), moving:
        conn.execute("lock table tags in row exclusive mode")
        assert moving.stderr is not None
        for line in moving.stderr:
            if "trying again" in line:
                break
        eventually(is_stopped_while_paused)
        moving.kill()


def test_no_transaction_through_pgbouncer_fails(servers: Servers) -> None:
    found = program()
    if found is None:
        pytest.skip("no pgbouncer on PATH: install Debian's pgbouncer")

    def write(client: int) -> int:
        # Each transaction may come to another server.
        with skillmeat.connect(url, schema=SCHEMA) as conn:
            number = 0
            while not stop.wait(THINK_SECONDS):
                number += 1
                name = f"of {client} number {number}"
                conn.execute("insert into artifacts (type, name) values ('skill', %s)", [name])
                conn.execute(
                    "insert into collection_artifacts values ('p', 'skill:' || %s)", [name]
                )
                conn.commit()
        return number

    stop = Event()
    with run_pgbouncer(servers.first, found, extra=ADMIN) as url, ThreadPoolExecutor() as pool:
        folder = Path(url.partition("host=")[2].partition("&")[0])
        file = folder / "configuration"
        # In an encoding of the operator's.
        file.write_bytes(b"; caf\xe9\n" + file.read_bytes())
        owner = file.stat().st_uid
        writers = [pool.submit(write, client) for client in range(CLIENTS)]
        console = url.replace("/postgres?", "/pgbouncer?")
        move = ("catalogue", "move", "tenant", "--to", servers.second.url, "--pgbouncer", console)
        try:
            kill_while_paused(start(*move), console, servers)
            eventually(lambda: not is_paused(console))
            ran = run(*move, "--pgbouncer-ini", str(file))
            with skillmeat.connect(url, schema=SCHEMA) as conn:
                reached = conn.execute(STARTED).fetchone()
        finally:
            stop.set()
        written = sum(each.result() for each in writers)
        configuration = (file.read_bytes()[:6], file.stat().st_uid)
        with connect_to(servers.second) as conn:
            kept = conn.execute("select count(*) from artifacts where name ~ 'number'").fetchone()
            drift = differences(conn)
            expected = conn.execute(STARTED).fetchone()

    assert ran.code == 0, ran.err
    assert reached == expected
    assert configuration == (b"; caf\xe9", owner)
    assert (kept, drift) == ((written,), [])
