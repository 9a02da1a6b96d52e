"""Behind PgBouncer, no transaction of a client fails while its catalogue moves."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import psycopg
import pytest

import skillmeat
from tests.cli.commands import run
from tests.db.oracle import differences
from tests.moving.servers import SCHEMA, Servers, connect_to, serve_tenant
from tests.replication.bouncer import program, run_pgbouncer
from tests.replication.conftest import MadeCluster

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


def test_no_transaction_through_pgbouncer_fails(servers: Servers) -> None:
    found = program()
    if found is None:
        pytest.skip("no pgbouncer on PATH: install Debian's pgbouncer")

    def write(client: int) -> int:
        # Each transaction may come to another server.
        with skillmeat.connect(url, schema=SCHEMA) as conn:
            number = 0
            while not stop.is_set():
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
        writers = [pool.submit(write, client) for client in range(CLIENTS)]
        try:
            ran = run(
                *("catalogue", "move", "tenant", "--to", servers.second.url),
                *("--pgbouncer", url.replace("/postgres?", "/pgbouncer?")),
                *("--pgbouncer-ini", str(folder / "configuration")),
            )
            with skillmeat.connect(url, schema=SCHEMA) as conn:
                reached = conn.execute(STARTED).fetchone()
        finally:
            stop.set()
        written = sum(each.result() for each in writers)
        with connect_to(servers.second) as conn:
            kept = conn.execute("select count(*) from artifacts where name ~ 'number'").fetchone()
            drift = differences(conn)
            expected = conn.execute(STARTED).fetchone()

    assert ran.code == 0, ran.err
    assert reached == expected
    assert (kept, drift) == ((written,), [])
