"""Reads and writes through pgbouncer in transaction mode are exact, and leave no setting behind."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

import skillmeat
from skillmeat import migration
from skillmeat.api import ServerConfig
from skillmeat.catalogue import create_token, list_artifacts
from skillmeat.errors import CannotConnect, NotAllowed, SkillMeatError
from skillmeat.maintenance.refresh import refresh_once
from skillmeat.settings.services import write_service
from tests.api.serving import ALL_SERVICES, run_server
from tests.catalogue.sessions import eventually
from tests.db.oracle import differences
from tests.db.sample import restore
from tests.replication.bouncer import program, run_pgbouncer
from tests.replication.clusters import Cluster, MadeCluster, copied

POOLED = (
    "this connection leads to a pooler: a migration needs one in session mode, or the server itself"
)
CLIENTS = 6
TURNS = 5

WEB = """
create role web login;
grant skillmeat_app to web;
"""
SETTINGS = """
alter role web set search_path = skillmeat, pg_temp;
alter role web set jit = off;
"""
PATHS = ("/artifacts?limit=3", "/artifacts?search=a", "/user-collections", "/tags")
SET_IN_SESSION = """
    select
        count(*) filter (where source = 'session' and name ~ 'timeout|search_path'),
        (select count(*) from pg_prepared_statements)
    from pg_settings
"""
# `skillmeat.connect` sends these settings as startup options; the role has the same settings.
IGNORED = "ignore_startup_parameters = options\n"


@pytest.fixture(scope="module")
def found() -> str:
    found = program()
    if found is None:
        pytest.skip("no pgbouncer on PATH: install Debian's pgbouncer")
    return found


@pytest.fixture(scope="module")
def cluster(found: str, original: MadeCluster, major: int) -> Iterator[Cluster]:  # noqa: ARG001
    """Yield a server with the sample and a role for a service."""
    with copied(original(major)) as chosen:
        chosen.start()
        with skillmeat.connect(chosen.url, autocommit=True) as conn:
            restore(conn)
            conn.execute(WEB + SETTINGS)
        yield chosen


def test_a_pooler_that_refuses_startup_options_serves_connections_and_pools(
    cluster: Cluster, found: str
) -> None:
    other = f"options={quote('-c work_mem=7MB')}"
    with (
        psycopg.connect(cluster.url, autocommit=True) as admin,
        run_pgbouncer(cluster, found, extra="pool_mode = session\n") as url,
    ):
        admin.execute("alter role web reset all")
        with skillmeat.connect(f"{url}&{other}") as conn:
            alone = list_artifacts(conn, limit=3), conn.autocommit
            memory = conn.execute("show work_mem").fetchone()
        with (
            # As many as the pooler has sessions: the pool would wait for more.
            skillmeat.create_pool(url, min_size=2, kwargs={"autocommit": True}) as pool,
            pool.connection() as conn,
        ):
            pooled = list_artifacts(conn, limit=3), conn.autocommit
        admin.execute(SETTINGS)

    assert alone == (pooled[0], False)
    assert pooled[1]
    assert memory == ("7MB",)


def test_a_migration_through_a_pooler_says_what_it_needs(cluster: Cluster, found: str) -> None:
    reported: list[str] = []
    with run_pgbouncer(cluster, found) as url, pytest.raises(NotAllowed):
        migration.upgrade(url=url, schema="of_web", report=reported.append)

    assert reported == [POOLED]


def test_settings_of_the_role_are_not_set_again_for_a_session(cluster: Cluster, found: str) -> None:
    with run_pgbouncer(cluster, found) as url, skillmeat.connect(url) as conn:
        set_by = conn.execute(
            "select source from pg_settings where name = 'search_path'"
        ).fetchone()

    assert set_by == ("user",)


def test_a_service_with_options_connects_where_they_are_refused(
    cluster: Cluster, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    with run_pgbouncer(cluster, found) as url:
        target = {key: str(value) for key, value in conninfo_to_dict(url).items()}
        write_service("pooled", {**target, "options": "-c search_path=skillmeat,pg_temp"})
        with skillmeat.connect("postgresql:///?service=pooled") as conn:
            found_schema = conn.execute("select current_schema()").fetchone()

    assert found_schema == ("skillmeat",)


@pytest.mark.parametrize("extra", ["", IGNORED], ids=["refused", "ignored"])
def test_a_service_whose_role_has_the_path_of_another_is_not_served(
    cluster: Cluster, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extra: str
) -> None:
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    with run_pgbouncer(cluster, found, extra=extra) as url:
        target = {key: str(value) for key, value in conninfo_to_dict(url).items()}
        for name, schema in (("own", "skillmeat"), ("astray", "other")):
            write_service(name, {**target, "options": f"-c search_path={schema},pg_temp"})
        with skillmeat.connect(cluster.url, autocommit=True) as conn:
            secret = create_token(conn, name=f"after {len(extra)}", scope="read").secret
        with run_server("", ALL_SERVICES) as server, server.client() as client:
            headers = {"authorization": f"Bearer {secret}"}
            answers = {client.get("/tags", headers=headers).status_code for _ in range(20)}

            def read_problems(service: str) -> list[str]:
                ready = httpx.get(f"{server.address}/readyz", timeout=30).json()
                problems: list[str] = ready["services"][service]["problems"]
                return problems

            # The first comparison of counts may still be running.
            eventually(lambda: read_problems("own") == [])
            (refusal,) = read_problems("astray")

    assert answers == {200}
    assert "`alter role … set search_path = other,pg_temp`" in refusal


def test_an_option_that_cannot_be_set_later_is_refused(cluster: Cluster, found: str) -> None:
    with (
        run_pgbouncer(cluster, found) as url,
        pytest.raises(CannotConnect, match=r"'-W 5 .*write each option as -c name=value"),
    ):
        skillmeat.connect(f"{url}&options={quote('-W 5')}")


def test_more_clients_than_sessions_write_and_read_exactly(cluster: Cluster, found: str) -> None:
    def work(client: int) -> list[str]:
        inexact = []
        with skillmeat.connect(url, autocommit=True) as conn:
            for turn in range(TURNS):
                with conn.transaction():
                    conn.execute(
                        "insert into artifacts (type, name) values ('skill', %s)",
                        (f"{client} {turn}",),
                    )
                    conn.execute(
                        "insert into collection_artifacts (collection_id, artifact_id) "
                        "values ('p', %s)",
                        (f"skill:{client} {turn}",),
                    )
                inexact += differences(conn)
                conn.execute("delete from artifacts where name = %s", (f"{client} {turn}",))
        return inexact

    with run_pgbouncer(cluster, found, extra=IGNORED) as url, ThreadPoolExecutor(CLIENTS) as pool:
        inexact = list(pool.map(work, range(CLIENTS)))

    assert inexact == [[]] * CLIENTS


def test_a_skillmeat_pool_reads_pages(cluster: Cluster, found: str) -> None:
    with (
        run_pgbouncer(cluster, found, extra=IGNORED) as url,
        skillmeat.create_pool(url, min_size=4) as pool,
    ):
        pages = []
        for _ in range(TURNS):
            with pool.connection() as conn:
                pages.append(list_artifacts(conn, limit=3))

    assert pages == [pages[0]] * TURNS


@pytest.mark.parametrize("extra", [IGNORED, ""], ids=["options are ignored", "options are refused"])
def test_the_http_server_answers_every_request_and_leaves_no_setting(
    cluster: Cluster, found: str, extra: str
) -> None:
    def work(client: int) -> set[int]:
        with served.client(headers={"Authorization": "Bearer t"}) as http:
            name = f"{client} of {len(extra)}"
            codes = {http.post("/user-collections", json={"name": name}).status_code}
            return codes | {http.get(path).status_code for path in PATHS for _ in range(TURNS)}

    with (
        run_pgbouncer(cluster, found, extra=extra) as url,
        run_server(url, ServerConfig(port=0, token="t")) as served,  # noqa: S106
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        codes = set().union(*pool.map(work, range(CLIENTS)))
        refresh_once(url)
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as other:
            left = {other.execute(SET_IN_SESSION).fetchone() for _ in range(TURNS)}

    assert (codes, left) == ({200, 201}, {(0, 0)})


def test_prepared_statements_can_be_turned_on_and_off(
    cluster: Cluster, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepares = {}
    with run_pgbouncer(cluster, found, extra=IGNORED) as url:
        for chosen in ("", "yes", "no"):
            monkeypatch.setenv("SKILLMEAT_PREPARE", chosen)
            for name, target in (("pooled", url), ("direct", cluster.url)):
                if (chosen, name) != ("yes", "pooled"):
                    with skillmeat.connect(target) as conn:
                        prepares[chosen, name] = conn.prepare_threshold is not None
        monkeypatch.setenv("SKILLMEAT_PREPARE", "yes")
        # At the second attempt, the server's session has a statement of the same name.
        for _ in range(2):
            with pytest.raises(CannotConnect, match="does not track prepared statements"):
                skillmeat.connect(url)
    monkeypatch.setenv("SKILLMEAT_PREPARE", "maybe")
    with pytest.raises(SkillMeatError, match="SKILLMEAT_PREPARE is 'maybe': write yes or no"):
        skillmeat.connect(cluster.url)

    assert prepares == {
        ("", "pooled"): False,
        ("", "direct"): True,
        ("yes", "direct"): True,
        ("no", "pooled"): False,
        ("no", "direct"): False,
    }
