"""The request id, statistics, log line and limits of every request."""

import gc
import logging
import re
from contextlib import closing
from http.client import HTTPConnection

import httpx
import pytest
from starlette.requests import Request

from tests.api.serving import RunningServer
from tests.catalogue.sessions import eventually

pytestmark = pytest.mark.usefixtures("artifacts")

READS = (
    "/artifacts",
    "/artifacts/agent:a",
    "/artifacts/agent:nope",
    "/artifacts?artifact_type=skill,agent&tags=x,y&tools=z&search=a&collection=default",
    "/user-collections",
    "/user-collections/nope",
    "/user-collections/nope/artifacts",
    "/groups?collection_id=nope",
    "/groups/nope",
    "/tags",
    "/tags/search?q=x",
)


@pytest.mark.parametrize("path", READS)
def test_server_timing_reports_one_statement(client: httpx.Client, path: str) -> None:
    timing = client.get(path).headers["Server-Timing"]

    assert re.fullmatch(r'db;dur=[\d.]+;desc="1 statement", total;dur=[\d.]+', timing)


def test_a_request_is_freed_without_a_garbage_collection(client: httpx.Client) -> None:
    gc.collect()
    gc.disable()
    try:
        for path in READS:
            client.get(path)
        kept = sum(type(each) is Request for each in gc.get_objects())
    finally:
        gc.enable()

    # The server may not have finished the last one.
    assert kept <= 1


@pytest.mark.parametrize(
    ("given", "is_kept"), [("abc-1.2_Z", True), ("two words", False), ("x" * 65, False)]
)
def test_a_request_keeps_its_request_id(client: httpx.Client, given: str, *, is_kept: bool) -> None:
    answer = client.get("/tags", headers={"X-Request-ID": given})

    assert (answer.headers["X-Request-ID"] == given) is is_kept


def test_the_server_logs_one_line_a_request(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "skillmeat.api.access"):
        client.get("/tags/search", params={"q": "a\nb"}, headers={"X-Request-ID": "mine"})
        # The server logs after it answers, so lines of earlier tests may still arrive.
        eventually(lambda: bool(lines_of("mine", caplog)))

    (line,) = lines_of("mine", caplog)
    assert re.fullmatch(
        r"127\.0\.0\.1 GET /api/v1/tags/search\?q=a%0Ab 200 2 B, "
        r"1 statement in [\d.]+ ms, [\d.]+ ms in all, mine",
        line,
    )


def test_a_body_that_is_too_large_is_refused(client: httpx.Client) -> None:
    answer = client.post("/user-collections", json={"name": "x", "description": "x" * 2**20})

    assert answer.status_code == 413


def test_a_client_that_reads_only_after_its_whole_body_sees_why_it_is_refused(
    client: httpx.Client,
) -> None:
    url = client.base_url
    with closing(HTTPConnection(url.host, url.port)) as connection:
        # More than the buffers of the sockets hold.
        connection.request("POST", f"{url.path}nowhere", b" " * 2**24, {"Connection": "close"})
        answer = connection.getresponse()

        assert (answer.status, answer.read()[:32]) == (413, b'{"detail":"the body is too large')


def test_a_chunked_body_that_is_too_large_is_refused(client: httpx.Client) -> None:
    answer = client.post(
        "/user-collections",
        content=(b" " * 2**16 for _ in range(17)),
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "headers",
    [{f"X-{number}": "x" for number in range(101)}, {"X": "x" * 2**15}, {"Cookie": "a=" * 2**14}],
)
def test_too_many_or_too_large_headers_are_refused(
    client: httpx.Client, headers: dict[str, str]
) -> None:
    assert client.get("/tags", headers=headers).status_code in (400, 431)


@pytest.mark.parametrize(
    "body", [b"{", b"[" * 100_000, b"\xff", b'{"name": "\\ud800"}', b"null", b"[]", b'"x"']
)
def test_an_invalid_body_is_refused(client: httpx.Client, body: bytes) -> None:
    answer = client.post(
        "/user-collections", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code in (400, 422)


def test_a_405_lists_the_allowed_methods(client: httpx.Client) -> None:
    answer = client.patch("/user-collections/x")

    assert (answer.status_code, answer.headers["Allow"]) == (
        405,
        "DELETE, GET, HEAD, OPTIONS, PUT",
    )


@pytest.mark.parametrize(
    "path", ["/page/../app.py", "/page/%2e%2e/app.py", "/page/..%2fapp.py", "//etc/passwd"]
)
def test_no_path_leaves_the_static_folder(server: RunningServer, path: str) -> None:
    request = httpx.Request("GET", server.address)
    request.url = request.url.copy_with(raw_path=path.encode())

    with httpx.Client() as client:
        assert client.send(request).status_code == 404


def test_metrics_count_requests_and_statements(server: RunningServer, client: httpx.Client) -> None:
    client.get("/tags/search?q=measured")

    measured = httpx.get(f"{server.address}/metrics").text

    route = 'method="GET",route="/api/v1/tags/search"'
    assert f'skillmeat_request_statements_bucket{{le="1.0",{route}}}' in measured
    for name in ("pool_size", "pending_counts", "pending_changes", "ready", "drift"):
        assert f"\nskillmeat_{name} " in measured


def lines_of(request: str, caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line for line in caplog.messages if line.endswith(f", {request}")]
