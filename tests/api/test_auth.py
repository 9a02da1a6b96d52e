"""Who is let in, and what they may."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import skillmeat
from skillmeat.api import ServerConfig
from skillmeat.catalogue.tokens import create_token, revoke_token
from tests.api.serving import Running, serving

GIVEN = "given by the environment"


@pytest.fixture
def tokens(url: str) -> dict[str, str]:
    """A token of each scope, and one that is revoked."""
    with skillmeat.connect(url, autocommit=True) as conn:
        secrets = {
            "read": create_token(conn, name="r").secret,
            "write": create_token(conn, name="w", scope="write").secret,
            "revoked": create_token(conn, name="x", scope="write").secret,
        }
        revoke_token(conn, "x")
    return secrets


@pytest.fixture
def guarded(url: str, tokens: dict[str, str]) -> Iterator[Running]:
    """A server that asks for a token."""
    del tokens
    with serving(url, ServerConfig(port=0, refresh=False, token=GIVEN)) as running:
        yield running


def test_a_token_lets_in_for_what_it_is_good_for(guarded: Running, tokens: dict[str, str]) -> None:
    presented = {**tokens, "given": GIVEN, "wrong": "wrong", "odd": "ü" * 3}

    with guarded.client() as client:
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
def test_without_a_token_the_answer_says_which_kind_is_wanted(
    guarded: Running, header: str | None
) -> None:
    with guarded.client() as client:
        answer = client.get("/artifacts", headers={"Authorization": header} if header else None)

    assert (answer.status_code, answer.headers["WWW-Authenticate"], list(answer.json())) == (
        401,
        "Bearer",
        ["detail"],
    )


def test_a_token_that_is_made_while_the_server_runs_is_good_at_once(
    guarded: Running, url: str
) -> None:
    with skillmeat.connect(url, autocommit=True) as conn:
        secret = create_token(conn, name="new").secret

    with guarded.client(headers={"Authorization": f"Bearer {secret}"}) as client:
        assert client.get("/artifacts").status_code == 200


def test_what_is_no_data_needs_no_token(guarded: Running) -> None:
    paths = ("/healthz", "/docs", "/openapi.json", "/")

    assert [httpx.get(guarded.address + path).status_code for path in paths] == [200] * 4


def test_measurements_need_a_token(guarded: Running) -> None:
    assert httpx.get(f"{guarded.address}/metrics").status_code == 401


def test_only_the_hash_of_a_token_is_kept(url: str, tokens: dict[str, str]) -> None:
    with skillmeat.connect(url) as conn:
        kept = str(conn.execute("select * from api_tokens").fetchall())

    assert not any(secret in kept for secret in tokens.values())


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        # These are no hosts, but a browser may think they are.
        ("e{vil}.example", 421),
        ('e"vil.example', 421),
        ("evil.example:123456", 421),
        ("e[vil", 421),
        ("", 421),
        ("LocalHost:1", 200),
        ("[::1]:8080", 200),
    ],
)
def test_a_name_of_elsewhere_that_leads_here_is_refused(
    server: Running, host: str, status: int
) -> None:
    answer = httpx.get(f"{server.address}/api/v1/artifacts", headers={"Host": host})

    assert answer.status_code == status


def test_who_may_is_not_known_before_the_database_was_there() -> None:
    nowhere = "postgresql://127.0.0.1:1/nowhere"
    bearer = {"Authorization": "Bearer made before"}
    statuses = []
    for token in (None, GIVEN):
        with serving(nowhere, ServerConfig(port=0, refresh=False, token=token)) as running:
            artifacts = f"{running.address}/api/v1/artifacts"
            statuses += [httpx.get(artifacts, headers=each).status_code for each in ({}, bearer)]

    assert statuses == [503, 503, 401, 503]


def test_a_form_of_another_page_changes_nothing(client: httpx.Client) -> None:
    answer = client.post(
        "/user-collections", content='{"name": "forged"}', headers={"Content-Type": "text/plain"}
    )

    assert answer.status_code == 422


def test_other_origins_are_let_in_only_if_they_are_named(url: str) -> None:
    friend = "https://friend.example"
    options = ServerConfig(port=0, refresh=False, cors_origins=(friend,))
    with serving(url, options) as running, running.client() as client:
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
def test_a_page_of_elsewhere_may_read_why_it_was_refused(
    url: str, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    friend = "https://friend.example"
    allowing = ServerConfig(port=0, refresh=False, cors_origins=(friend,))
    with serving(url, allowing) as running, running.client(headers={"Origin": friend}) as client:
        answer = client.request(method, path, **options)

    allowed = answer.headers.get("access-control-allow-origin")
    assert (answer.status_code, allowed, list(answer.json())) == (status, friend, ["detail"])


def test_no_origin_is_named_unless_it_is_set(client: httpx.Client) -> None:
    answer = client.get("/artifacts", headers={"Origin": "https://friend.example"})

    assert "access-control-allow-origin" not in answer.headers
