"""Counts stay exact under load, database failures and sessions that block."""

import asyncio
import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import httpx
import pytest
from psycopg import Connection
from psycopg.sql import SQL, Identifier

import skillmeat
from skillmeat import embedded
from skillmeat.api import ServerConfig
from tests.api.load import ARTIFACTS, COLLECTIONS, run_clients
from tests.api.serving import run_server
from tests.catalogue.sessions import eventually
from tests.db.oracle import differences
from tests.faults.servers import OwnServer, own_server


@pytest.fixture(scope="module")
def restartable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    """Yield a PostgreSQL server that tests may restart, with artifacts and collections."""
    with own_server(tmp_path_factory.mktemp("own") / "data") as started:
        with started.session() as conn:
            conn.execute("delete from collections")
            conn.execute(
                "insert into artifacts (type, name) select split_part(id, ':', 1),"
                " split_part(id, ':', 2) from unnest(%s::text[]) as id",
                [ARTIFACTS],
            )
            conn.execute(
                "insert into collections (id, name) select id, id from unnest(%s::text[]) as id",
                [COLLECTIONS],
            )
        yield started


@pytest.mark.parametrize(
    ("clients", "requests"),
    [(20, 8), pytest.param(200, 100, marks=pytest.mark.exhaustive)],
)
def test_counts_are_exact_and_no_request_fails_while_the_database_restarts(
    restartable: OwnServer, clients: int, requests: int
) -> None:
    def crash() -> None:
        restartable.kill()
        restartable.start()

    with run_server(restartable.url, ServerConfig(port=0, refresh=True)) as running:
        seen = asyncio.run(
            run_clients(running.address, clients=clients, requests=requests, halfway=crash)
        )
        back = httpx.get(f"{running.address}/api/v1/artifacts")

    with restartable.session() as conn:
        assert (seen.wrong, back.status_code, differences(conn)) == ([], 200, [])


def test_the_server_answers_503_until_its_database_is_back(restartable: OwnServer) -> None:
    with run_server(
        restartable.url, ServerConfig(port=0, refresh=False, pool_timeout=0.2)
    ) as running:
        artifacts = f"{running.address}/api/v1/artifacts"
        before = httpx.get(artifacts).status_code
        embedded.stop(restartable.root)
        meanwhile = [httpx.get(artifacts) for _ in range(3)]
        alive = httpx.get(f"{running.address}/healthz").status_code
        restartable.start()
        eventually(lambda: httpx.get(artifacts).status_code == 200)

    assert (before, [(m.status_code, m.headers.get("Retry-After")) for m in meanwhile], alive) == (
        200,
        [(503, "1")] * 3,
        200,
    )


def test_a_request_after_a_restart_of_the_database_succeeds(restartable: OwnServer) -> None:
    with run_server(restartable.url, ServerConfig(port=0, refresh=False)) as running:
        tags = f"{running.address}/api/v1/tags"
        before = httpx.get(tags).status_code
        restartable.kill()
        restartable.start()
        after = httpx.get(tags, timeout=30)

    assert (before, after.status_code) == (200, 200), after.text


@contextmanager
def locked_table(restartable: OwnServer, table: LiteralString = "collections") -> Iterator[None]:
    """Block every other session from the table while the block runs."""
    with skillmeat.connect(restartable.url) as conn:
        conn.execute(SQL("lock table {} in access exclusive mode").format(Identifier(table)))
        yield
        conn.rollback()


def test_the_server_answers_503_if_all_connections_are_in_use(restartable: OwnServer) -> None:
    config = ServerConfig(
        port=0, refresh=False, connections=2, pool_timeout=0.3, statement_timeout=2
    )
    with run_server(restartable.url, config) as running:
        address = f"{running.address}/api/v1/user-collections"
        httpx.get(address)
        answers: list[httpx.Response] = []

        def send_request() -> None:
            answers.append(httpx.get(address, timeout=30))

        with locked_table(restartable):
            clients = [threading.Thread(target=send_request) for _ in range(6)]
            for client in clients:
                client.start()
            for client in clients:
                client.join()

    assert [(a.status_code, "Retry-After" in a.headers) for a in answers] == [(503, True)] * 6


def test_the_server_answers_a_running_request_before_it_stops(restartable: OwnServer) -> None:
    answers: list[int] = []
    with run_server(restartable.url, ServerConfig(port=0, refresh=False)) as running:
        address = f"{running.address}/api/v1/user-collections"
        with locked_table(restartable), restartable.session() as witness:
            client = threading.Thread(
                target=lambda: answers.append(httpx.get(address, timeout=30).status_code)
            )
            client.start()
            eventually(lambda: _waits(witness))
            running.server.should_exit = True
        client.join()

    assert answers == [200]


def test_a_lock_on_the_tokens_delays_no_request(restartable: OwnServer) -> None:
    config = ServerConfig(
        port=0,
        refresh=False,
        pool_timeout=0.5,
        token="given",  # noqa: S106 - no secret
    )
    with locked_table(restartable, "api_tokens"):
        with run_server(restartable.url, config) as running:
            answers = [
                httpx.get(
                    f"{running.address}/api/v1/tags",
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=30,
                ).status_code
                for token in ("given", "other")
            ]
        is_over = not running.thread.is_alive()

    assert (answers, is_over) == ([200, 503], True)


def test_the_server_answers_503_if_the_disk_is_full(url: str, conn: Connection) -> None:
    conn.execute(
        "create function fill() returns trigger language plpgsql as"
        " $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$"
    )
    conn.execute("create trigger fill before insert on collections execute function fill()")
    with run_server(url) as running, running.client() as client:
        answer = client.post("/user-collections", json={"name": "more"})

    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "1")


def test_the_server_answers_503_and_closes_the_connection_if_the_database_is_silent(
    restartable: OwnServer,
) -> None:
    config = ServerConfig(
        port=0, refresh=False, connections=2, pool_timeout=0.2, statement_timeout=0.8
    )
    with run_server(restartable.url, config) as running, restartable.session() as conn:
        tags = f"{running.address}/api/v1/tags"
        httpx.get(tags)
        silent = [
            pid
            for (pid,) in conn.execute(
                "select pid from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        ]
        for pid in silent:
            os.kill(pid, signal.SIGSTOP)
        try:
            meanwhile = httpx.get(tags, timeout=30).status_code
            eventually(lambda: httpx.get(tags, timeout=30).status_code != 503)
        finally:
            for pid in silent:
                os.kill(pid, signal.SIGCONT)

    assert meanwhile == 503


def _waits(conn: skillmeat.database.query.Conn) -> bool:
    waiting = conn.execute(
        "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%convert_to%'"
        " and pid <> pg_backend_pid()"
    ).fetchone()
    return waiting is not None


READS = (
    "/artifacts?limit=50",
    "/artifacts/skill:s1",
    "/user-collections",
    "/user-collections/default",
    "/user-collections/default/artifacts?include_groups=true",
    "/groups?collection_id=c1",
    "/tags",
    "/tags/search?q=x",
)


def test_each_get_runs_one_statement(restartable: OwnServer) -> None:
    with (
        run_server(restartable.url, ServerConfig(port=0, refresh=False)) as running,
        restartable.session() as conn,
    ):
        with running.client() as client:
            for path in READS:
                client.get(path)
            log = restartable.root / "server.log"
            start = log.stat().st_size
            conn.execute("alter system set log_statement = 'all'")
            conn.execute("select pg_reload_conf()")

            def is_logged() -> bool:
                client.get("/tags")
                return "tag_summaries" in log.read_text()[start:]

            # The session learns of the reload at its next statement, or at the one after.
            eventually(is_logged)
            start = log.stat().st_size
            for path in READS:
                client.get(path)
            output = log.read_text()[start:]
        conn.execute("alter system reset log_statement")
        conn.execute("select pg_reload_conf()")

    # The monitor of the server polls from time to time, with three statements of its own.
    observers = ("alembic_version", "api_tokens", "refresh_status")
    ours = [
        statement
        for statement in re.split(r"\bLOG:  (?:execute|statement)", output)[1:]
        if not any(name in statement for name in observers)
    ]
    assert len(ours) == len(READS), ours
