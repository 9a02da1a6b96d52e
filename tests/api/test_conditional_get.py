"""Entity tags, 304, compression, HEAD and OPTIONS, at every path that has a GET."""

import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from psycopg import Connection

import skillmeat
from tests.api.serving import RunningServer

pytestmark = pytest.mark.usefixtures("artifacts")

API = "/api/v1"
PATHS = (
    f"{API}/artifacts",
    f"{API}/artifacts/agent:a",
    f"{API}/artifacts?limit=1&search=a",
    f"{API}/user-collections",
    f"{API}/tags",
    f"{API}/tags/search?q=x",
    "/",
    "/page/app.js",
    "/docs",
    "/openapi.json",
    "/healthz",
)
LARGE = "/openapi.json"


@pytest.fixture(scope="module")
def http(server: RunningServer) -> Iterator[httpx.Client]:
    """Yield a client that asks for no compression."""
    headers = {"Accept-Encoding": "identity"}
    with httpx.Client(base_url=server.address, headers=headers, timeout=30) as opened:
        yield opened


@pytest.mark.parametrize("path", PATHS)
def test_every_get_has_a_strong_tag_that_is_answered_with_304(
    http: httpx.Client, path: str
) -> None:
    first = http.get(path)
    tag = first.headers["ETag"]

    again = http.get(path, headers={"If-None-Match": tag})

    assert tag.startswith('"')
    assert (again.status_code, again.content) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert again.headers[name] == first.headers[name]
    assert "Content-Type" not in again.headers


@pytest.mark.parametrize("path", [*PATHS, "/metrics"])
def test_head_answers_the_headers_of_get(http: httpx.Client, path: str) -> None:
    get, head = http.get(path), http.head(path)

    # The metrics contain the duration of earlier requests.
    changing = {"x-request-id", "server-timing", "date"}
    changing |= {"etag", "content-length"} if path == "/metrics" else set()
    same = [{k: v for k, v in each.headers.items() if k not in changing} for each in (get, head)]
    assert (head.status_code, head.content, same[1]) == (200, b"", same[0])


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ('"other", {tag}', 304),
        ('"with, comma" ,W/{tag}', 304),
        ("*", 304),
        ('"other"', 200),
        ("", 200),
        ("{tag}"[1:-1], 200),
    ],
)
def test_a_client_may_name_several_tags(http: httpx.Client, given: str, status: int) -> None:
    tag = http.get(f"{API}/tags").headers["ETag"]

    answer = http.get(f"{API}/tags", headers={"If-None-Match": given.replace("{tag}", tag)})

    assert answer.status_code == status


def test_an_error_has_no_tag_and_no_cache_keeps_it(http: httpx.Client) -> None:
    answer = http.get(f"{API}/artifacts/skill:nope", headers={"If-None-Match": "*"})

    assert (answer.status_code, "ETag" in answer.headers) == (404, False)
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "is_compressed"),
    [
        ("gzip", True),
        ("GZIP;q=0.5, br", True),
        ("br, *", True),
        ("deflate, gzip;q=1.0", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("*, gzip;q=0", False),
        ("gzip, *;q=0", True),
        ("gzip;q=0.000, br", False),
        ("br", False),
        ("xgzip", False),
        ("", False),
    ],
)
def test_a_large_body_is_compressed_for_a_client_that_accepts_it(
    http: httpx.Client, accepted: str, *, is_compressed: bool
) -> None:
    plain = http.get(LARGE)
    with http.stream("GET", LARGE, headers={"Accept-Encoding": accepted}) as answer:
        sent = b"".join(answer.iter_raw())

    assert (gzip.decompress(sent) if is_compressed else sent) == plain.content
    assert answer.headers["Content-Length"] == str(len(sent))
    assert ("Content-Encoding" in answer.headers) is is_compressed
    # A strong tag names the bytes that are sent, so each encoding has its own.
    assert (answer.headers["ETag"] != plain.headers["ETag"]) is is_compressed
    assert {"Accept-Encoding", "Authorization"} <= set(answer.headers["Vary"].split(", "))
    for tag, status in ((answer.headers["ETag"], 304), (plain.headers["ETag"], 200)):
        headers = {"Accept-Encoding": accepted, "If-None-Match": tag}
        if is_compressed or status == 304:
            assert http.get(LARGE, headers=headers).status_code == status


def test_a_small_body_is_not_compressed(http: httpx.Client) -> None:
    answer = http.get("/healthz", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (f"{API}/user-collections", "GET, HEAD, OPTIONS, POST"),
        (f"{API}/user-collections/x/artifacts/skill:a", "DELETE, OPTIONS"),
        ("/page/app.js", "GET, HEAD, OPTIONS"),
        ("/", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_lists_the_allowed_methods(http: httpx.Client, path: str, allowed: str) -> None:
    answer = http.options(path)

    assert (answer.status_code, answer.headers["Allow"], answer.content) == (204, allowed, b"")


@pytest.mark.parametrize("path", [f"{API}/artifacts/", f"{API}/tags/", "/docs/", "/page", "/page/"])
def test_no_redirect_leads_to_the_host_that_the_client_names(http: httpx.Client, path: str) -> None:
    answer = http.get(path, headers={"Host": "evil.example"})

    assert (answer.status_code, "Location" in answer.headers) == (404, False)


def test_no_304_hides_a_change_under_fifty_writers(
    shared_url: str, shared_conn: Connection, server: RunningServer
) -> None:
    path = "/user-collections/busy"
    shared_conn.execute("insert into collections (id, name) values ('busy', 'Busy')")
    shared_conn.execute(
        "insert into artifacts (type, name) select 'hook', 'w' || n from generate_series(1, 500) n"
    )
    numbers = iter(range(1, 501))
    ready = threading.Barrier(54, timeout=60)
    # The writers are at most 100 commits ahead of each reader, so that each meets them.
    windows = [threading.Semaphore(100) for _ in range(4)]
    lock = threading.Lock()
    committed = 0

    def write() -> None:
        nonlocal committed
        with skillmeat.connect(shared_url, autocommit=True) as conn:
            ready.wait()
            while (number := next(numbers, None)) is not None:
                assert all(window.acquire(timeout=60) for window in windows), "a reader is stuck"
                conn.execute(
                    "insert into collection_artifacts (collection_id, artifact_id)"
                    " values ('busy', %s)",
                    [f"hook:w{number}"],
                )
                with lock:
                    committed += 1

    def read(window: threading.Semaphore) -> tuple[set[int], list[str]]:
        counts: list[int] = []
        wrong: list[str] = []
        with server.client() as client:
            answer = client.get(path)
            tag, count = answer.headers["ETag"], answer.json()["artifact_count"]
            ready.wait()
            while count < 500 and not wrong:
                before, seen = committed, count
                answer = client.get(path, headers={"If-None-Match": tag})
                if answer.status_code == 200:
                    tag, count = answer.headers["ETag"], answer.json()["artifact_count"]
                counts.append(count)
                if count > seen:
                    window.release(count - seen)
                if count < before:
                    wrong.append(f"{answer.status_code} for {count}, with {before} committed")
            window.release(500)
            if client.get(path, headers={"If-None-Match": tag}).status_code != 304:
                wrong.append("nothing changes any more, but the tag does")
        return set(counts), wrong

    with ThreadPoolExecutor(54) as pool:
        readers = [pool.submit(read, window) for window in windows]
        for writer in [pool.submit(write) for _ in range(50)]:
            writer.result()
        results = [reader.result() for reader in readers]

    shared_conn.execute("delete from artifacts where type = 'hook'")
    assert [wrong for _, wrong in results] == [[]] * 4
    assert all(len(counts) > 2 for counts, _ in results), "the readers did not meet the writers"
