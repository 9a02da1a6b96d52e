import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import skillmeat
from skillmeat import migration
from skillmeat.catalogue import (
    NewArtifact,
    add_artifacts,
    create_collection,
    get_collection,
    list_collections,
    put_artifacts,
)
from skillmeat.database.connection import build_conninfo
from skillmeat.embedded import temporary_server
from skillmeat.errors import CannotConnect, InvalidSchemaName, NotMigrated, ServerError
from skillmeat.maintenance import get_totals, list_count_drift
from tests.catalogue.sessions import eventually

SECRET = "s3cr3t"  # noqa: S105


def is_one_line_without_the_secret(error: BaseException) -> bool:
    line = str(error)
    chain = [line, *(str(each) for each in (error.__cause__,) if each)]
    return len(line.splitlines()) == 1 and all(SECRET not in each for each in chain)


def test_a_connection_sees_only_the_schema_of_its_catalogue(url: str) -> None:
    with skillmeat.connect(url) as conn:
        schemas = conn.execute("select current_schemas(false)").fetchone()
        name = conn.execute("show application_name").fetchone()

    assert (schemas, name) == ((["skillmeat"],), ("skillmeat",))


def test_options_of_the_caller_are_kept_beside_the_search_path(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=6s")
    with skillmeat.connect(url) as conn:
        assert conn.execute("show statement_timeout").fetchone() == ("6s",)
        assert get_totals(conn).artifacts == 0
    in_url = f"{url}{'&' if '?' in url else '?'}options=-c%20statement_timeout%3D7s"
    with skillmeat.connect(in_url) as conn:
        assert conn.execute("show statement_timeout").fetchone() == ("7s",)
        assert get_totals(conn).artifacts == 0
    with skillmeat.connect(url, options="-c statement_timeout=8s") as conn:
        assert conn.execute("show statement_timeout").fetchone() == ("8s",)
        assert get_totals(conn).artifacts == 0


def test_times_are_read_whatever_format_the_database_has(url: str, conn: Connection) -> None:
    create_collection(conn, name="New")
    database = sql.Identifier(conn.info.dbname)
    for setting in ("datestyle = 'SQL, DMY'", "intervalstyle = 'iso_8601'"):
        conn.execute(sql.SQL("alter database {} set {}").format(database, sql.SQL(setting)))

    try:
        with skillmeat.connect(url) as other:
            [found] = list_collections(other, limit=1).items
            hour = other.execute("select interval '1 hour'").fetchone()
    finally:
        for name in ("datestyle", "intervalstyle"):
            conn.execute(sql.SQL("alter database {} reset {}").format(database, sql.SQL(name)))

    assert (found.created_at.tzinfo is not None, hour) == (True, (timedelta(hours=1),))


@pytest.mark.parametrize("is_binary", [False, True])
def test_json_is_read_exactly(url: str, *, is_binary: bool) -> None:
    value: dict[str, object] = {"é\u2028": [2**70, -0.5, None, True, "", {}], "\\": 'a"\n'}
    select = sql.SQL("select {0}::jsonb, concat(e' \\n', {0}::text, ' ')::json").format(
        sql.Literal(json.dumps(value))
    )

    with skillmeat.connect(url) as conn:
        assert conn.execute(select, binary=is_binary).fetchone() == (value, value)


def test_autocommit_is_off_by_default(url: str) -> None:
    with skillmeat.connect(url) as off, skillmeat.connect(url, autocommit=True) as on:
        assert (off.autocommit, on.autocommit) == (False, True)


def test_without_a_url_the_environment_names_the_server(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)

    with skillmeat.connect() as conn:
        assert get_totals(conn).artifacts == 0


def test_another_schema_is_another_catalogue(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for schema in ("tenant_1", "skillmeat"):
        migration.upgrade(url=empty_url, schema=schema)
    with skillmeat.connect(empty_url, schema="tenant_1", autocommit=True) as one:
        put_artifacts(one, [NewArtifact("skill", "pdf")])
        create_collection(one, id="c", name="C")
        assert add_artifacts(one, "c", ["skill:pdf"]).artifact_count == 1

    monkeypatch.setenv("SKILLMEAT_SCHEMA", "tenant_1")
    with (
        skillmeat.connect(empty_url) as same,
        skillmeat.connect(empty_url, schema="skillmeat") as two,
    ):
        assert (get_totals(same).artifacts, get_totals(two).artifacts) == (1, 0)
        assert list_count_drift(same) == list_count_drift(two) == ()


@pytest.mark.parametrize("schema", ["Tenant 1", "it's", 'a"b', "a,b;c", "\\", "-c", "é" * 28])
def test_a_schema_of_any_name_is_in_the_search_path(empty_url: str, schema: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as admin:
        admin.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))

    with skillmeat.connect(empty_url, schema=schema) as conn:
        assert conn.execute("select current_schema()").fetchone() == (schema,)


@pytest.mark.parametrize("schema", ["pg_x", "information_schema", "x" * 57, "é" * 29, "a\nb"])
def test_an_invalid_schema_name_is_refused_before_any_connection(schema: str) -> None:
    with pytest.raises(InvalidSchemaName):
        skillmeat.connect("postgresql://nowhere.invalid/x", schema=schema)


def test_the_error_of_a_schema_without_a_catalogue_names_the_command(url: str) -> None:
    with (
        skillmeat.connect(url, schema="elsewhere") as conn,
        pytest.raises(NotMigrated, match="skillmeat migrate up"),
    ):
        get_totals(conn)


@pytest.mark.parametrize(
    "target",
    [
        f"postgresql://me:{SECRET}@127.0.0.1:1/db",
        f"postgresql://me:{SECRET}@nowhere.invalid/db",
        f"postgresql://me:{SECRET}@127.0.0.1:1,127.0.0.1:2/db",
        f"postgresql://me:{SECRET}%zz@127.0.0.1/db",
        f"postgresql://me:{SECRET}/x@127.0.0.1/db",
        f"postgresql://me:x@{SECRET}@127.0.0.1/db",
        f"postgresql://me:{SECRET}[@127.0.0.1:1/db",
        f"postgresql://me:{SECRET}@127.0.0.1:port/db",
        f"postgresql://me:{SECRET}@[::1/db",
        f"postgresql://127.0.0.1/db?password={SECRET}&no_such_option=1",
        f"host=127.0.0.1 port=1 password={SECRET}",
        f"host=127.0.0.1 port=1 password='{SECRET}",
        SECRET,
    ],
)
def test_a_failed_connection_gives_one_line_without_the_password(target: str) -> None:
    with pytest.raises(CannotConnect) as refused:
        skillmeat.connect(target, connect_timeout=5)

    assert is_one_line_without_the_secret(refused.value)


def test_a_pool_refuses_an_invalid_url_at_once() -> None:
    with pytest.raises(CannotConnect) as refused:
        skillmeat.create_pool(f"postgresql://me:{SECRET}%zz@127.0.0.1/db")

    assert is_one_line_without_the_secret(refused.value)


def test_a_broken_url_in_the_environment_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", f"postgresql://me:{SECRET}%zz@127.0.0.1/db")

    with pytest.raises(ServerError) as refused:
        skillmeat.connect()

    assert is_one_line_without_the_secret(refused.value)


@pytest.fixture(scope="module")
def walled_url() -> Iterator[str]:
    """Yield the URL of a server that requires a password from the role `walled`."""
    binaries = os.environ.get("POSTGRES", "")
    with temporary_server(binaries=Path(binaries) if binaries.startswith("/") else None) as url:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(
                sql.SQL("create role walled login password {}").format(sql.Literal(SECRET))
            )
            (path,) = admin.execute("show hba_file").fetchone() or ("",)
            lines = "('local all walled scram-sha-256'), ('local all all trust')"
            admin.execute(
                sql.SQL("copy (values {}) to {}").format(sql.SQL(lines), sql.Literal(path))
            )
            admin.execute("select pg_reload_conf()")
            eventually(lambda: can_connect(url) and not can_connect(as_role(url, "walled", "no")))
        yield url


def as_role(url: str, role: str, password: str) -> str:
    return make_conninfo(url, user=role, password=password)


def can_connect(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_refused_password_gives_one_line_without_the_password(walled_url: str) -> None:
    with pytest.raises(CannotConnect, match="password authentication failed") as refused:
        skillmeat.connect(as_role(walled_url, "walled", f"not-{SECRET}"))

    assert is_one_line_without_the_secret(refused.value)
    skillmeat.connect(as_role(walled_url, "walled", SECRET)).close()


def test_a_connection_to_an_unknown_role_or_database_fails_in_one_line(url: str) -> None:
    with pytest.raises(CannotConnect):
        skillmeat.connect(make_conninfo(url, user="nobody_of_that_name"))
    with pytest.raises(CannotConnect, match="does not exist"):
        skillmeat.connect(make_conninfo(url, dbname="nothing_of_that_name"))


def test_a_connection_that_the_server_ended_cannot_be_used(small: Connection, url: str) -> None:
    with skillmeat.connect(url, autocommit=True) as doomed:
        small.execute("select pg_terminate_backend(%s)", (doomed.info.backend_pid,))

        with pytest.raises(CannotConnect):
            get_totals(doomed)
        with pytest.raises(CannotConnect):
            get_totals(doomed)


def test_a_pool_serves_threads_and_counts_exactly(small: Connection, url: str) -> None:
    every = [NewArtifact("skill", f"{number:03}") for number in range(160)]
    put_artifacts(small, every)
    start = threading.Barrier(8)

    def add(worker: int) -> None:
        start.wait()
        for each in every[worker::8]:
            with pool.connection() as conn:
                add_artifacts(conn, "one", [f"skill:{each.name}"])

    with (
        skillmeat.create_pool(url, min_size=2, max_size=4) as pool,
        ThreadPoolExecutor(8) as threads,
    ):
        list(threads.map(add, range(8)))

    found = get_collection(small, "one")
    assert found is not None
    assert found.artifact_count == 160
    assert list_count_drift(small) == ()


def test_the_startup_options_contain_the_search_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLMEAT_SCHEMA", "tenant_1")

    told = conninfo_to_dict(build_conninfo("postgresql://h/d?application_name=mine"))

    assert told["options"] == '-c jit=off -c search_path="tenant_1",pg_temp'
    assert told["application_name"] == "mine"
