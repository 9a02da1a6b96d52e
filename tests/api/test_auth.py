"""Authentication: the requests that the server accepts, and the scopes of tokens."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import skillmeat
from skillmeat.api import ServerConfig, queries
from skillmeat.catalogue.tokens import create_token, revoke_token
from tests.api.serving import RunningServer, run_server
from tests.conftest import database

GIVEN = "given by the environment"
METRICS = "for Prometheus"


@pytest.fixture(scope="module")
def url_with_tokens(server_url: str, template: str) -> Iterator[str]:
    """Yield a catalogue with tokens that the tests of this module share."""
    with database(server_url, template=template) as url:
        yield url


@pytest.fixture(scope="module")
def tokens(url_with_tokens: str) -> dict[str, str]:
    """Create a token of each scope and a revoked one; return them by name."""
    with skillmeat.connect(url_with_tokens, autocommit=True) as conn:
        secrets = {
            "read": create_token(conn, name="r").secret,
            "write": create_token(conn, name="w", scope="write").secret,
            "revoked": create_token(conn, name="x", scope="write").secret,
        }
        revoke_token(conn, "x")
    return secrets


@pytest.fixture(scope="module")
def server_with_tokens(url_with_tokens: str, tokens: dict[str, str]) -> Iterator[RunningServer]:
    """Yield a server that requires a token."""
    del tokens
    with run_server(
        url_with_tokens, ServerConfig(port=0, refresh=False, token=GIVEN, metrics_token=METRICS)
    ) as running:
        yield running


def test_a_client_learns_whether_it_may_write(
    server_with_tokens: RunningServer, tokens: dict[str, str], url_with_tokens: str
) -> None:
    def may_write(secret: str) -> object:
        with server_with_tokens.client(headers={"Authorization": f"Bearer {secret}"}) as client:
            return client.get("/access").json().get("can_write")

    scopes = [may_write(tokens[name]) for name in ("read", "write", "revoked")]
    with skillmeat.connect(url_with_tokens, autocommit=True) as conn:
        conn.execute("set default_transaction_read_only = on")
        standby = queries.can_write(conn)
        conn.execute("set default_transaction_read_only = off")
        conn.execute("set role skillmeat_reader")
        reader = queries.can_write(conn)

    assert (scopes, standby, reader) == ([False, True, None], False, False)


def test_a_token_allows_only_the_requests_of_its_scope(
    server_with_tokens: RunningServer, tokens: dict[str, str]
) -> None:
    presented = {**tokens, "given": GIVEN, "wrong": "wrong", "odd": "ü" * 3}

    with server_with_tokens.client() as client:
        answers = {
            name: [
                client.request(
                    method,
                    "/user-collections",
                    json={"name": name} if method == "POST" else None,
                    headers={b"Authorization": f"Bearer {secret}".encode()},
                ).status_code
                for method in ("GET", "POST")
            ]
            for name, secret in presented.items()
        }

    assert answers == {
        "read": [200, 403],
        "write": [200, 201],
        "given": [200, 201],
        "revoked": [401, 401],
        "wrong": [401, 401],
        "odd": [401, 401],
    }


@pytest.mark.parametrize("header", [None, "Basic eDp5", "Bearer", "bearer"])
def test_a_request_without_a_token_is_challenged_for_a_bearer_token(
    server_with_tokens: RunningServer, header: str | None
) -> None:
    with server_with_tokens.client() as client:
        answer = client.get("/artifacts", headers={"Authorization": header} if header else None)

    assert (answer.status_code, answer.headers["WWW-Authenticate"], list(answer.json())) == (
        401,
        "Bearer",
        ["detail"],
    )


def test_a_client_without_a_token_is_told_so_whatever_it_sends(
    server_with_tokens: RunningServer,
) -> None:
    document = httpx.get(f"{server_with_tokens.address}/openapi.json", timeout=60).json()
    others = {
        f"{method} {path}: {status}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "security" in operation
        if (
            status := httpx.request(
                method,
                server_with_tokens.address + re.sub("{[^}]*}", "odd", path),
                params={"limit": "odd", "after": "odd"},
                headers={"Content-Type": "application/json", "If-Match": "odd"},
                content=b'{"name": ',
            ).status_code
        )
        != 401
    }

    assert others == set()


@pytest.mark.parametrize(
    "config",
    [
        ServerConfig(port=0, refresh=False, token=GIVEN),
        ServerConfig(port=0, refresh=False, host="0.0.0.0"),  # noqa: S104
    ],
    ids=["a token is given", "other machines can connect"],
)
def test_a_server_needs_a_token_although_its_catalogue_has_none(
    shared_url: str, config: ServerConfig
) -> None:
    with run_server(shared_url, config) as running, running.client() as client:
        assert client.get("/artifacts").status_code == 401


def test_a_local_server_needs_a_token_if_its_catalogue_has_one(
    url_with_tokens: str, tokens: dict[str, str]
) -> None:
    with run_server(url_with_tokens) as running, running.client() as client:
        statuses = [
            client.get("/artifacts", headers=headers).status_code
            for headers in ({}, {"Authorization": f"Bearer {tokens['read']}"})
        ]

    assert statuses == [401, 200]


def test_a_token_that_is_created_while_the_server_runs_is_valid_at_once(
    server_with_tokens: RunningServer, url_with_tokens: str
) -> None:
    with skillmeat.connect(url_with_tokens, autocommit=True) as conn:
        secret = create_token(conn, name="new").secret

    with server_with_tokens.client(headers={"Authorization": f"Bearer {secret}"}) as client:
        assert client.get("/artifacts").status_code == 200


def test_the_page_and_the_health_checks_need_no_token(server_with_tokens: RunningServer) -> None:
    paths = ("/healthz", "/docs", "/openapi.json", "/")

    assert [
        httpx.get(server_with_tokens.address + path, timeout=30).status_code for path in paths
    ] == [200] * 4


def test_metrics_need_a_token(server_with_tokens: RunningServer) -> None:
    sent = {name: {"Authorization": f"Bearer {name}"} for name in ("wrong", GIVEN, METRICS)}
    statuses = {
        name: [
            httpx.get(server_with_tokens.address + path, headers=headers, timeout=30).status_code
            for path in ("/metrics", "/api/v1/tags")
        ]
        for name, headers in {"none": {}, **sent}.items()
    }

    assert statuses == {
        "none": [401, 401],
        "wrong": [401, 401],
        GIVEN: [200, 200],
        METRICS: [200, 401],
    }


def test_only_the_hash_of_a_token_is_stored(url_with_tokens: str, tokens: dict[str, str]) -> None:
    with skillmeat.connect(url_with_tokens) as conn:
        kept = str(conn.execute("select * from api_tokens").fetchall())

    assert not any(secret in kept for secret in tokens.values())


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        # These are invalid, but a browser may accept them as hosts.
        ("e{vil}.example", 421),
        ('e"vil.example', 421),
        ("evil.example:123456", 421),
        ("e[vil", 421),
        ("", 421),
        ("LocalHost:1", 200),
        ("[::1]:8080", 200),
    ],
)
def test_dns_rebinding_is_refused(server: RunningServer, host: str, status: int) -> None:
    answer = httpx.get(f"{server.address}/api/v1/artifacts", headers={"Host": host})

    assert answer.status_code == status


def test_the_server_answers_503_until_it_has_read_the_tokens_once() -> None:
    nowhere = "postgresql://127.0.0.1:1/nowhere"
    bearer = {"Authorization": "Bearer made before"}
    statuses = []
    for token in (None, GIVEN):
        with run_server(nowhere, ServerConfig(port=0, refresh=False, token=token)) as running:
            artifacts = f"{running.address}/api/v1/artifacts"
            statuses += [httpx.get(artifacts, headers=each).status_code for each in ({}, bearer)]

    assert statuses == [503, 503, 401, 503]


def test_a_form_of_another_site_is_refused(client: httpx.Client) -> None:
    answer = client.post(
        "/user-collections", content='{"name": "forged"}', headers={"Content-Type": "text/plain"}
    )

    assert answer.status_code == 422


def test_other_origins_are_allowed_only_if_they_are_configured(shared_url: str) -> None:
    friend = "https://friend.example"
    config = ServerConfig(port=0, refresh=False, cors_origins=(friend,))
    with run_server(shared_url, config) as running, running.client() as client:
        allowed = [
            client.options(
                "/artifacts",
                headers={"Origin": origin, "Access-Control-Request-Method": "GET"},
            ).headers.get("access-control-allow-origin")
            for origin in (friend, "https://other.example")
        ]

    assert allowed == [friend, None]


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("POST", "/user-collections", {"content": b" " * (2**20 + 1)}, 413),
        ("GET", "/tags", {"headers": {f"X-{number}": "x" for number in range(101)}}, 431),
        ("GET", "/artifacts/skill:%ff", {}, 400),
    ],
)
def test_an_allowed_origin_can_read_why_a_request_was_refused(
    shared_url: str, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    friend = "https://friend.example"
    allowing = ServerConfig(port=0, refresh=False, cors_origins=(friend,))
    with (
        run_server(shared_url, allowing) as running,
        running.client(headers={"Origin": friend}) as client,
    ):
        answer = client.request(method, path, **options)

    allowed = answer.headers.get("access-control-allow-origin")
    assert (answer.status_code, allowed, list(answer.json())) == (status, friend, ["detail"])


def test_no_origin_is_allowed_by_default(client: httpx.Client) -> None:
    answer = client.get("/artifacts", headers={"Origin": "https://friend.example"})

    assert "access-control-allow-origin" not in answer.headers


def test_a_page_of_another_site_writes_only_if_its_origin_is_allowed(shared_url: str) -> None:
    config = ServerConfig(port=0, refresh=False, cors_origins=("https://allowed.example",))

    def post(client: httpx.Client, site: str, origin: str) -> int:
        sent = {"Sec-Fetch-Site": site, "Origin": origin}
        return client.post("/user-collections/no/refresh-cache", headers=sent).status_code

    with run_server(shared_url, config) as running, running.client() as client:
        answers = [
            post(client, "cross-site", "https://other.example"),
            post(client, "cross-site", "null"),
            post(client, "cross-site", "https://allowed.example"),
            post(client, "same-origin", running.address),
            # The web client on another port of this machine.
            post(client, "same-site", "http://localhost:3000"),
        ]
        read = client.get("/tags", headers={"Sec-Fetch-Site": "cross-site"}).status_code

    assert answers == [403, 403, 404, 404, 404]
    assert read == 200
