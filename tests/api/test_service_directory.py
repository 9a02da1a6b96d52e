"""One server for all catalogues of the service file: a request's token says which one answers."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

import skillmeat
from skillmeat.api import service_directory
from skillmeat.catalogue.tokens import create_token, revoke_token
from tests.api.serving import ALL_SERVICES, RunningServer, run_server, write_section
from tests.catalogue.sessions import eventually
from tests.cli.commands import run
from tests.conftest import database

METRICS = "for the operator"
CONFIG = replace(ALL_SERVICES, metrics_token=METRICS)


@dataclass(frozen=True, slots=True)
class Tenant:
    """A catalogue, and the secret of its token."""

    url: str
    secret: str

    @property
    def headers(self) -> dict[str, str]:
        """The header that names the catalogue."""
        return {"Authorization": f"Bearer {self.secret}"}


@pytest.fixture(scope="module")
def tenants(server_url: str, template: str) -> Iterator[dict[str, Tenant]]:
    """Make catalogues a, b and c; each has the collection `same`, whose name tells which it is."""
    with (
        database(server_url, template=template) as a,
        database(server_url, template=template) as b,
        database(server_url, template=template) as c,
    ):
        tenants = {}
        for name, url in (("a", a), ("b", b), ("c", c)):
            with skillmeat.connect(url, autocommit=True) as conn:
                conn.execute("insert into collections (id, name) values ('same', %s)", [name])
                secret = create_token(conn, name="w", scope="write").secret
            tenants[name] = Tenant(url, secret)
        yield tenants


@pytest.fixture
def file(tenants: dict[str, Tenant], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a service file with a and b."""
    file = tmp_path / "services"
    file.write_text("".join(write_section(name, tenants[name].url) for name in "ab"))
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    return file


@pytest.fixture
def running(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    """Yield a server of all services in the file, which polls them ten times as often."""
    del file
    monkeypatch.setattr(service_directory, "POLL_INTERVAL", 0.2)
    monkeypatch.setattr(service_directory, "MAX_SEARCH_REST", 0.3)
    with run_server("", CONFIG) as running:
        yield running


def test_a_token_reads_and_writes_the_catalogue_that_has_it(
    running: RunningServer, tenants: dict[str, Tenant]
) -> None:
    def call(name: str, method: str, path: str, **options: object) -> httpx.Response:
        headers = tenants[name].headers
        return httpx.request(method, f"{running.address}/api/v1{path}", headers=headers, **options)  # type: ignore[arg-type]

    order = [*"ab" * 8, *"ba" * 4]
    names = [call(each, "GET", "/user-collections/same").json()["name"] for each in order]
    # Both have the id, and only one has the member.
    call("a", "POST", "/tags", json={"name": "only a", "slug": "only-a"})
    tags = {each: call(each, "GET", "/tags").json()["page_info"]["total_count"] for each in "ab"}
    access = {each: call(each, "GET", "/access").json() for each in "ab"}
    refused = [
        httpx.get(f"{running.address}/api/v1/tags", headers=headers).status_code
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"X-Service": "a"})
    ]

    assert names == order
    assert tags == {"a": 1, "b": 0}
    assert access == {each: {"can_write": True, "service": each} for each in "ab"}
    assert refused == [401] * 3


def test_tokens_are_known_as_the_catalogues_have_them_now(
    running: RunningServer, tenants: dict[str, Tenant]
) -> None:
    artifacts = f"{running.address}/api/v1/artifacts"

    def send(secret: str) -> httpx.Response:
        return httpx.get(artifacts, headers={"Authorization": f"Bearer {secret}"})

    with (
        skillmeat.connect(tenants["a"].url, autocommit=True) as a,
        skillmeat.connect(tenants["b"].url, autocommit=True) as b,
    ):
        secret = create_token(a, name="new").secret
        new = send(secret).status_code
        copied = "select token_hash from api_tokens where name = 'new'"
        token_hash = a.execute(copied).fetchone()
        b.execute("insert into api_tokens values ('copied', %s, 'read')", token_hash)
        # The server polls b when a request needs its tokens.
        eventually(
            lambda: (
                httpx.get(artifacts, headers=tenants["b"].headers).status_code == 200
                and send(secret).status_code != 200
            )
        )
        shared = send(secret)
        revoke_token(b, "copied")
        eventually(lambda: send(secret).status_code == 200)
        revoke_token(a, "new")
        eventually(lambda: send(secret).status_code != 200)
        revoked = send(secret)

    assert new == 200
    assert (shared.status_code, "several catalogues" in shared.json()["detail"]) == (401, True)
    assert (revoked.status_code, "not valid" in revoked.json()["detail"]) == (401, True)


def test_a_service_appears_moves_and_disappears_while_the_server_runs(
    running: RunningServer, tenants: dict[str, Tenant], file: Path
) -> None:
    same = f"{running.address}/api/v1/user-collections/same"

    def read(name: str) -> tuple[int, object]:
        answer = httpx.get(same, headers=tenants[name].headers)
        return answer.status_code, answer.json().get("name")

    before = read("c")
    sections = {name: write_section(name, tenant.url) for name, tenant in tenants.items()}
    # A second name of a catalogue does not make its tokens ambiguous.
    sections["alias"] = write_section("alias", tenants["b"].url)
    file.write_text("".join(sections.values()))
    added = [read(name) for name in "abc"]
    served = list(httpx.get(f"{running.address}/readyz").json()["services"])
    # The service a now names the database of c, so only the token of c opens it. A service without
    # a catalogue has no tokens, so those of no other service are refused for good.
    empty = write_section("empty", tenants["b"].url).replace("=skillmeat,", "=empty,")
    file.write_text(write_section("a", tenants["c"].url) + sections["b"] + empty)
    moved = [read(name) for name in "abc"]
    file.write_text("[a\n")
    kept = read("b")

    assert before == (401, None)
    assert added == [(200, "a"), (200, "b"), (200, "c")]
    assert served == ["a", "b", "c"]
    assert moved == [(401, None), (200, "b"), (200, "c")]
    assert kept == (200, "b")


def test_a_write_that_the_old_copy_refuses_is_sent_to_the_new_one(
    running: RunningServer, tenants: dict[str, Tenant], file: Path
) -> None:
    with (
        skillmeat.connect(tenants["a"].url, autocommit=True) as old,
        skillmeat.connect(tenants["c"].url, autocommit=True) as new,
    ):
        tokens = old.execute("select 'of a', token_hash, scope from api_tokens where name = 'w'")
        new.execute("insert into api_tokens values (%s, %s, %s)", tokens.fetchone())
        old.execute(
            "create function refuse_writes() returns trigger language plpgsql as"
            " $$ begin raise cannot_connect_now using message = 'the catalogue has moved'; end $$;"
            "create trigger refuse_writes before insert on tags"
            " for each statement execute function refuse_writes()"
        )
        tags = f"{running.address}/api/v1/tags"
        tag = {"name": "moved", "slug": "moved"}
        waiting = httpx.post(tags, json=tag, headers=tenants["a"].headers, timeout=30)
        # The request is authorized by the old copy, which waits for a lock until the file is new.
        with skillmeat.connect(tenants["a"].url) as blocking, ThreadPoolExecutor(1) as client:
            blocking.execute("lock table tags in access exclusive mode")
            sent = client.submit(httpx.post, tags, json=tag, headers=tenants["a"].headers)
            waits = "select 1 from pg_locks where not granted"
            eventually(lambda: old.execute(waits).fetchone() is not None)
            file.write_text(write_section("a", tenants["c"].url))
            blocking.rollback()
            answer = sent.result()
        old.execute("drop function refuse_writes cascade")
        slugs = new.execute("select slug from tags").fetchall()
        new.execute("delete from api_tokens where name = 'of a'")

    assert (waiting.status_code, waiting.headers["Retry-After"]) == (503, "1")
    assert "is being moved" in waiting.json()["detail"]
    assert (answer.status_code, slugs) == (201, [("moved",)])


def test_a_catalogue_whose_server_is_dead_or_silent_fails_alone(
    running: RunningServer, tenants: dict[str, Tenant], file: Path
) -> None:
    same = f"{running.address}/api/v1/user-collections/same"
    headers = tenants["a"].headers
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(8) as clients:
        port = silent.getsockname()[1]
        httpx.get(same, headers=headers)
        file.write_text(
            file.read_text()
            + "[dead]\nhost=/nonexistent\n"
            + "[misspelt]\nhots=x\n"
            + f"[silent]\nhost=127.0.0.1\nport={port}\n"
            + f"[other]\nhost=127.0.0.1\nport={port}\ndbname=other\n"
        )
        # These have to be looked up in all catalogues.
        unknown = [
            clients.submit(httpx.get, same, headers={"Authorization": f"Bearer {n}"}, timeout=30)
            for n in range(4)
        ]
        known = [httpx.get(same, headers=headers).status_code for _ in range(20)]
        answers = [each.result() for each in unknown]
        readiness = httpx.get(f"{running.address}/readyz").json()

    assert known == [200] * 20
    assert [(each.status_code, each.headers["Retry-After"]) for each in answers] == [(503, "1")] * 4
    assert "silent" not in answers[0].text
    failing = {problem.partition(":")[0] for problem in readiness["problems"]}
    assert {"dead", "misspelt", "silent", "other"} <= failing
    assert readiness["status"] == "ready"


def test_the_operator_sees_each_catalogue(
    running: RunningServer, tenants: dict[str, Tenant]
) -> None:
    readyz = f"{running.address}/readyz"
    eventually(lambda: "first comparison" not in httpx.get(readyz).text)
    readiness = httpx.get(readyz).json()
    httpx.get(f"{running.address}/api/v1/tags", headers=tenants["b"].headers)
    metrics = f"{running.address}/metrics"
    refused = [
        httpx.get(metrics, headers=headers).status_code for headers in ({}, tenants["a"].headers)
    ]
    shown = httpx.get(metrics, headers={"Authorization": f"Bearer {METRICS}"}).text

    assert refused == [401, 401]
    assert {name: each["status"] for name, each in readiness["services"].items()} == {
        "a": "ready",
        "b": "ready",
    }
    assert 'skillmeat_ready{service="a"} 1.0' in shown
    assert 'skillmeat_service_requests_total{service="b",status="200"} 1.0' in shown


def test_the_server_starts_although_no_service_can_be_served(
    file: Path, tenants: dict[str, Tenant]
) -> None:
    served = file.read_text()
    file.write_text(served.replace("host=", "hots="))
    with run_server("", CONFIG) as running, running.client() as client:
        readiness = httpx.get(f"{running.address}/readyz")
        file.write_text(served)
        eventually(lambda: client.get("/tags", headers=tenants["a"].headers).status_code == 200)

    assert readiness.status_code == 503
    assert readiness.json()["problems"][0] == 'a: invalid connection option "hots"'


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--type", "skill"], 1, "--type cannot be used with --all-services: the types are"),
        (["--read-url", "postgresql://x"], 1, "--read-url cannot be used with --all-services"),
        (["--import-sources"], 1, "--import-sources cannot be used with --all-services"),
        (["--connections", "7"], 2, "--all-services needs 8: 6 for polls and refreshes"),
        ([], 1, "SKILLMEAT_API_TOKEN cannot be used with --all-services: it would not say which"),
    ],
)
def test_what_belongs_to_one_catalogue_is_refused(
    arguments: list[str], code: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not arguments:
        monkeypatch.setenv("SKILLMEAT_API_TOKEN", "one")

    refused = run("serve", "--all-services", *arguments)

    assert refused.code == code
    assert message in " ".join(refused.err.replace("│", "").split())
