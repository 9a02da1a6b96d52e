"""The deadlines and limits of connections, and the server's shutdown."""

import signal
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from skillmeat.api import ServerConfig
from skillmeat.api import server as served
from skillmeat.api.server import MAX_PIPELINED
from tests.api.serving import CONFIG, RunningServer, run_server
from tests.catalogue.sessions import eventually
from tests.cli.commands import end, run, start

HOST = b"Host: localhost\r\n"
GET = b"GET /api/v1/tags HTTP/1.1\r\n" + HOST
POST = b"POST /api/v1/user-collections HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"


@pytest.fixture
def server_with_short_timeouts(
    shared_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunningServer]:
    """Yield a server with deadlines of half a second."""
    monkeypatch.setattr(served, "REQUEST_TIMEOUT", 0.5)
    monkeypatch.setattr(served, "WRITE_TIMEOUT", 0.5)
    with run_server(
        shared_url, ServerConfig(port=0, refresh=False, request_timeout=0.5)
    ) as running:
        yield running


def connected(running: RunningServer) -> socket.socket:
    """Open a connection to the server."""
    return socket.create_connection(("127.0.0.1", int(running.address.rpartition(":")[2])))


def until_closed(client: socket.socket, drop: bytes) -> bytes:
    """Send `drop` every 50 ms and return everything received until the server closes."""
    client.settimeout(0.05)
    found = b""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            piece = client.recv(2**16)
            if not piece:
                return found
            found += piece
            client.sendall(drop)
        except TimeoutError:
            client.sendall(drop)
        except ConnectionError:
            return found
    return pytest.fail("the connection is still open")


@pytest.mark.parametrize(
    ("begun", "drop", "statuses"),
    [
        (GET, b"x", []),
        (GET + b"\r\nGET / HTTP/1.1\r\nX: ", b"x", [b"200"]),
        (POST + b"Content-Length: 500\r\n\r\n{", b" ", [b"408"]),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", [b"408"]),
        (GET + b"Content-Length: 500\r\n\r\n", b" ", [b"200"]),
        (POST + b"Content-Length: 99999999\r\n\r\n", b" ", [b"413"]),
    ],
)
def test_the_server_closes_a_slow_request_at_its_deadline(
    server_with_short_timeouts: RunningServer, begun: bytes, drop: bytes, statuses: list[bytes]
) -> None:
    with connected(server_with_short_timeouts) as client:
        client.sendall(begun)
        answers = until_closed(client, drop)

    assert [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]] == statuses


def test_the_server_closes_a_client_that_reads_no_response(
    server_with_short_timeouts: RunningServer,
) -> None:
    with connected(server_with_short_timeouts) as client:
        client.sendall((b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"\r\n") * MAX_PIPELINED)
        eventually(lambda: bool(server_with_short_timeouts.server.server_state.connections))
        eventually(lambda: not server_with_short_timeouts.server.server_state.connections)


def test_the_server_closes_connections_over_the_limit(
    server_with_short_timeouts: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "REQUEST_TIMEOUT", 3600)
    monkeypatch.setattr(served, "max_connections", lambda: 3)
    idle = [connected(server_with_short_timeouts) for _ in range(4)]
    refused = until_closed(idle[-1], b"")
    held = len(server_with_short_timeouts.server.server_state.connections)
    for client in idle:
        client.close()

    assert (refused, held) == (b"", 3)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (GET, 200),
        (b"GET / HTTP/1.0\r\n", 200),
        (GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\n", 200),
        (b"GET / HTTP/1.1\r\n", 400),
        (GET + HOST, 400),
        (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n", 400),
        (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", 400),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n", 400),
        (POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n", 400),
        (POST + b"Transfer-Encoding : chunked\r\n", 400),
        (POST + b"Transfer-Encoding:\r\n chunked\r\n", 400),
        (POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n", 400),
        (GET + b"X: a\n", 400),
        (GET + b"X: a\0\r\n", 400),
    ],
)
def test_a_head_that_a_proxy_may_understand_differently_is_refused(
    server: RunningServer, head: bytes, status: int
) -> None:
    with connected(server) as client:
        client.sendall(head + (b"" if status == 400 else b"Connection: close\r\n") + b"\r\n")
        answer = until_closed(client, b"")

    assert int(answer[9:12]) == status


@pytest.mark.parametrize(("length", "status"), [(2, b"422"), (9_999_999, b"413")])
def test_any_number_of_zeros_may_lead_a_length(
    server: RunningServer, length: int, status: bytes
) -> None:
    head = POST + b"Content-Length: " + b"0" * 5000 + b"%d\r\n\r\n" % length
    with connected(server) as client:
        client.settimeout(10)
        client.sendall(head + b"{}".ljust(length))
        answer = client.recv(2**16)

    assert answer[9:12] == status


@pytest.mark.parametrize(
    "begun",
    [
        GET + b"X: ",
        b"\r\n" * 9,
        POST + b"Transfer-Encoding: chunked\r\n\r\n1;x=",
        POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: ",
    ],
)
def test_what_a_client_sends_before_the_next_piece_of_a_request_is_bounded(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(served, "REQUEST_TIMEOUT", 3600)
    filler = b"\r\n" if begun.isspace() else b"x"
    with connected(server) as client:
        client.sendall(begun + filler * 2 * CONFIG.max_header_bytes)
        answer = until_closed(client, filler)

    # Neither a deadline nor the limit on a complete head has closed the connection.
    assert answer[9:12] in (b"", b"400")


def test_pipelined_requests_are_bounded(server: RunningServer) -> None:
    with connected(server) as client:
        client.sendall((GET + b"\r\n") * (MAX_PIPELINED + 2))

        assert b"\r\n\r\n" not in until_closed(client, b"")


def test_a_trailer_is_no_header(server: RunningServer) -> None:
    body = b"2\r\n{}\r\n0\r\nX-Request-ID: trailer\r\nConnection: close\r\n\r\n"
    head = POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    with connected(server) as opened:
        opened.sendall(head + body)
        answer = until_closed(opened, b"")

    assert (answer[9:12], b"trailer" in answer) == (b"422", False)


def test_tcp_nodelay_is_set() -> None:
    with (
        served.open_listener("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_server_refuses_a_long_url(
    server_with_short_timeouts: RunningServer,
) -> None:
    # httpx sends it at once, so the server does not refuse it as incomplete.
    answer = httpx.get(f"{server_with_short_timeouts.address}/api/v1/tags?{'x' * 40_000}")

    assert answer.status_code in (400, 431)


@pytest.mark.parametrize("path", ["/", "/docs", "/page/page.js"])
def test_a_static_path_allows_get_only(
    server_with_short_timeouts: RunningServer, path: str
) -> None:
    answer = httpx.post(server_with_short_timeouts.address + path)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_request_that_outlasts_the_shutdown_timeout_gets_a_503(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "SHUTDOWN_TIMEOUT", 0.1)
    with (
        run_server(url, ServerConfig(port=0, refresh=False)) as running,
        connected(running) as client,
    ):
        client.sendall(POST + b"Content-Length: 500\r\n\r\n{")
        eventually(lambda: bool(running.server.server_state.tasks))
        running.server.should_exit = True
        answer = until_closed(client, b" ")

    assert (answer[9:12], b"\r\nretry-after: 1\r\n" in answer) == (b"503", True)


def test_a_mistyped_type_is_refused_before_the_server_listens(
    shared_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", shared_url)

    refused = run("serve", "--port", "0", "--type", "skil")

    assert refused.code == 1
    assert refused.err == "error: there is no artifact type 'skil': did you mean 'skill'?\n"


def test_sigterm_stops_the_server_cleanly(shared_url: str) -> None:
    program = start("serve", "--port", "0", SKILLMEAT_DATABASE_URL=shared_url)
    assert program.stderr is not None
    next(line for line in program.stderr if "startup complete" in line)
    program.send_signal(signal.SIGTERM)

    assert end(program).code == 0
