"""The HTTP server reads from standbys: each client sees its writes, and no failure of a standby."""

import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Any

import httpx
import psutil
import pytest
from psycopg import Connection

import skillmeat
from skillmeat.api.standby_monitor import PositionHistory
from skillmeat.catalogue import create_collection
from skillmeat.database.positions import Position, get_position
from tests.api.serving import CONFIG, RunningServer, run_server
from tests.catalogue.sessions import eventually
from tests.replication.clusters import Cluster
from tests.replication.load import repeated
from tests.replication.standby import PrimaryAndStandbys, execute

HEADER = "X-Catalogue-Position"
COOKIE = "skillmeat_position"
LOCKED = "select from pg_locks where mode = 'AccessExclusiveLock' and granted"
FLUSH = "select pg_logical_emit_message(true, 'test', 'flush')"
WAITING = "select pid from pg_stat_activity where wait_event_type = 'Lock'"
CANCEL = f"select pg_cancel_backend(pid) from ({WAITING}) as waiting"
TERMINATE = f"select pg_terminate_backend(pid) from ({WAITING}) as waiting"
FAR_AHEAD = 1 << 40
CONNECTIONS = 5
THINK_SECONDS = 0.1


@pytest.fixture(scope="module")
def server(servers_to_read: PrimaryAndStandbys) -> Iterator[RunningServer]:
    """Yield a server that reads from both standbys, however far they are behind."""
    with serve(servers_to_read, max_lag=600) as running:
        yield running


@contextmanager
def serve(servers: PrimaryAndStandbys, *, max_lag: float) -> Iterator[RunningServer]:
    # Requests must not be saved by the timeout of a statement.
    config = replace(
        CONFIG,
        read_url=servers.read_url,
        max_lag=max_lag,
        statement_timeout=120,
        connections=CONNECTIONS,
    )
    with run_server(servers.primary.url, config) as running:
        yield running


@pytest.fixture
def client(server: RunningServer) -> Iterator[httpx.Client]:
    """Yield a client, which keeps cookies, of a server whose standbys are both usable."""
    with server.client() as opened:
        until_usable(opened)
        yield opened


def until_usable(client: httpx.Client) -> None:
    eventually(lambda: [each["problem"] for each in list_standbys(client)] == [None, None])


def list_standbys(client: httpx.Client) -> list[dict[str, Any]]:
    """Return what /readyz says of each standby."""
    standbys: list[dict[str, Any]] = client.get(f"{get_origin(client)}/readyz").json()["standbys"]
    return standbys


def count_reads(client: httpx.Client, server: str, reason: str) -> int:
    """Return how many reads the server has answered for the reason."""
    text = client.get(f"{get_origin(client)}/metrics").text
    found = re.search(rf'reads_total{{reason="{reason}",server="{server}"}} (\d+)', text)
    return int(found[1]) if found else 0


def get_origin(client: httpx.Client) -> str:
    return str(client.base_url).removesuffix("/api/v1/")


def create(client: httpx.Client, name: str) -> httpx.Response:
    created = client.post("/user-collections", json={"name": name})
    assert created.status_code == 201
    return created


def list_names(response: httpx.Response) -> set[str]:
    assert response.status_code == 200
    return {each["name"] for each in response.json()["items"]}


def has_replayed(standby: Cluster, position: Position) -> bool:
    with skillmeat.connect(standby.url, autocommit=True) as conn:
        return get_position(conn).includes(position)


def position_of(response: httpx.Response) -> Position:
    position = Position.parse(response.headers[HEADER])
    assert position is not None
    return position


def test_a_standby_answers_a_client_with_its_own_write(client: httpx.Client, name: str) -> None:
    created = create(client, name)

    def read() -> bool:
        answer = client.get("/user-collections")
        assert name in list_names(answer)
        if answer.headers["X-Catalogue-Server"] == "primary":
            return False
        return position_of(answer).includes(position_of(created))

    eventually(read)
    cookie = created.headers["Set-Cookie"].split("; ")
    assert cookie[0] == f"{COOKIE}={created.headers[HEADER]}"
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie)


@pytest.mark.parametrize("sends", ["cookie", "header"])
def test_a_client_sees_its_write_while_no_standby_replays(
    servers_to_read: PrimaryAndStandbys, client: httpx.Client, name: str, sends: str
) -> None:
    with servers_to_read.paused(*servers_to_read.standbys):
        created = create(client, name)
        sent = {}
        if sends == "header":
            client.cookies.clear()
            sent = {HEADER: created.headers[HEADER]}
        own = client.get("/user-collections", headers=sent)
        client.cookies.clear()
        others = client.get("/user-collections")

    assert (name in list_names(own), own.headers["X-Catalogue-Server"]) == (True, "primary")
    assert (name in list_names(others), others.headers["X-Catalogue-Server"]) == (False, "standby")
    assert not position_of(others).includes(position_of(created))


@pytest.mark.parametrize(
    "position",
    ["", "x", "1-1-0/1", "99999999999999999999-999999999-FFFFFFFF/FFFFFFFF", "a\xe9"],
)
def test_the_primary_answers_a_position_of_no_standby(client: httpx.Client, position: str) -> None:
    answers = (
        client.get("/user-collections", headers={HEADER.encode(): position.encode("latin-1")}),
        client.get(
            "/user-collections", headers={b"Cookie": f"{COOKIE}={position}".encode("latin-1")}
        ),
    )

    assert [each.status_code for each in answers] == [200, 200]
    assert {each.headers["X-Catalogue-Server"] for each in answers} <= (
        {"primary"} if position else {"primary", "standby"}
    )


def test_the_primary_answers_for_a_standby_behind_the_limit(
    servers_to_read: PrimaryAndStandbys, primary: Connection, name: str
) -> None:
    with serve(servers_to_read, max_lag=0) as server, server.client() as client:
        until_usable(client)
        with servers_to_read.paused(*servers_to_read.standbys):
            create_collection(primary, name=name)
            eventually(
                lambda: all("behind" in str(each["problem"]) for each in list_standbys(client))
            )
            answer = client.get("/user-collections")
            assert all(each["lag"] >= 0 for each in list_standbys(client))
        until_usable(client)
        eventually(
            lambda: client.get("/user-collections").headers["X-Catalogue-Server"] == "standby"
        )

    assert (name in list_names(answer), answer.headers["X-Catalogue-Server"]) == (True, "primary")


def test_the_primary_answers_what_a_standby_cancels(
    servers_to_read: PrimaryAndStandbys, client: httpx.Client, primary: Connection
) -> None:
    before = count_reads(client, "primary", "failed")
    with ThreadPoolExecutor(1) as pool:
        with primary.transaction():
            # The standbys replay the lock, too, when the next commit has flushed it.
            primary.execute("lock table collections")
            execute(servers_to_read.primary, FLUSH)
            eventually(lambda: all(execute(each, LOCKED) for each in servers_to_read.standbys))
            asking = pool.submit(client.get, "/user-collections")
            eventually(lambda: any(execute(each, CANCEL) for each in servers_to_read.standbys))
            eventually(lambda: bool(execute(servers_to_read.primary, WAITING)))
        answer = asking.result()

    assert (answer.status_code, answer.headers["X-Catalogue-Server"]) == (200, "primary")
    assert count_reads(client, "primary", "failed") == before + 1


def test_a_read_that_loses_its_connection_tries_the_standby_again(
    servers_to_read: PrimaryAndStandbys, client: httpx.Client, primary: Connection
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with primary.transaction():
            primary.execute("lock table collections")
            execute(servers_to_read.primary, FLUSH)
            eventually(lambda: all(execute(each, LOCKED) for each in servers_to_read.standbys))
            asking = pool.submit(client.get, "/user-collections")
            eventually(lambda: any(execute(each, TERMINATE) for each in servers_to_read.standbys))
            eventually(lambda: any(execute(each, WAITING) for each in servers_to_read.standbys))
        answer = asking.result()

    assert (answer.status_code, answer.headers["X-Catalogue-Server"]) == (200, "standby")


# Requests to a silent standby wait: four times as many as the server has connections.
@pytest.mark.parametrize(
    ("sent", "readers"), [(signal.SIGKILL, 2), (signal.SIGSTOP, 4 * CONNECTIONS)]
)
def test_no_client_notices_the_loss_of_a_standby(
    servers_to_read: PrimaryAndStandbys, client: httpx.Client, sent: signal.Signals, readers: int
) -> None:
    lost = servers_to_read.standbys[0]
    statuses: list[list[int]] = [[] for _ in range(readers)]

    def read(statuses: list[int], stop: Event) -> None:
        while not stop.wait(THINK_SECONDS):
            statuses.append(client.get("/user-collections").status_code)

    def until_all_read() -> None:
        before = [len(each) for each in statuses]
        eventually(lambda: all(len(s) > n + 1 for s, n in zip(statuses, before, strict=True)))

    with ExitStack() as reading:
        for each in statuses:
            reading.enter_context(repeated(partial(read, each)))
        until_all_read()
        processes = list_processes(lost)
        for process in processes:
            # Those of a killed postmaster end by themselves.
            with suppress(psutil.NoSuchProcess):
                process.send_signal(sent)
        eventually(lambda: list_standbys(client)[0]["problem"] is not None)
        # The requests that wait for the lost standby are answered before it is back.
        until_all_read()
        if sent == signal.SIGKILL:
            lost.kill()
            lost.start()
        else:
            for process in processes:
                process.send_signal(signal.SIGCONT)
        until_usable(client)

    assert {status for each in statuses for status in each} == {200}


def list_processes(cluster: Cluster) -> list[psutil.Process]:
    """List the postmaster and the processes that it has started."""
    pid = int((cluster.home.data / "postmaster.pid").read_text().split()[0])
    postmaster = psutil.Process(pid)
    return [postmaster, *postmaster.children()]


def test_reads_go_on_without_the_primary_unless_the_client_has_written_more(
    servers_to_read: PrimaryAndStandbys, client: httpx.Client, name: str
) -> None:
    seen = position_of(create(client, name))
    ahead = replace(seen, lsn=seen.lsn + FAR_AHEAD)
    for each in servers_to_read.standbys:
        eventually(partial(has_replayed, each, seen))
    servers_to_read.primary.kill()
    try:
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: client.get("/user-collections"), range(4)))
        behind = client.get("/user-collections", headers={HEADER: str(ahead)})
        write = client.post("/user-collections", json={"name": "unwritten"})
    finally:
        servers_to_read.primary.start()
    until_usable(client)

    assert {each.headers["X-Catalogue-Server"] for each in answers} == {"standby"}
    assert all(name in list_names(each) for each in answers)
    assert (behind.status_code, write.status_code) == (503, 503)
    assert "no standby has what you wrote yet" in behind.json()["detail"]


def test_the_lag_is_the_time_since_the_primary_had_what_a_standby_lacks() -> None:
    history = PositionHistory()
    first, second = Position(1, 1, 100), Position(1, 1, 200)
    for seen_at, position in enumerate([first, first, second, second, second]):
        history.add(position, seen_at=1000 + seen_at)

    assert (history.measure_lag(second), history.measure_lag(first)) == (0, 2)
    assert [history.get_floor(lag) for lag in (0, 2, 3, 60)] == [second, second, first, first]
