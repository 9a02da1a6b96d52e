"""A migration refuses a server, a database or a role that cannot hold a catalogue."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from uuid import uuid4

import alembic.config
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

import skillmeat
from skillmeat import migration
from skillmeat.embedded import find_binaries, replace_database
from skillmeat.errors import DatabaseError, NotAllowed, SkillMeatError

CHECKOUT = Path(skillmeat.__file__).parent.parent


@contextmanager
def database_with(server_url: str, *, encoding: str) -> Iterator[str]:
    """Yield the URL of a database that folds the case of ASCII letters only."""
    name = f"skillmeat_test_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(
            f"create database {name} template template0 encoding '{encoding}' "
            "locale_provider libc locale 'C'".encode()
        )
        yield replace_database(server_url, name)
        admin.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def modest(empty_url: str) -> Iterator[str]:
    """Yield a role that owns nothing."""
    name = f"modest_{uuid4().hex}"
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute(f"create role {name}".encode())
        yield name
        owner.execute(f"drop owned by {name} cascade; drop role {name}".encode())


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "EUC_JP"])
def test_an_encoding_other_than_utf8_is_refused_by_every_tool(
    server_url: str, encoding: str
) -> None:
    with database_with(server_url, encoding=encoding) as url:
        with pytest.raises(DatabaseError) as refused:
            migration.upgrade(url=url)
        by_psql = subprocess.run(
            [find_binaries() / "psql", "--no-psqlrc", url],
            input=migration.render_sql(),
            text=True,
            capture_output=True,
            check=False,
        )
        by_alembic = run_alembic(url, "upgrade", "head")
        with psycopg.connect(url, client_encoding="utf8") as conn:
            schemas = conn.execute("select from pg_namespace where nspname = 'skillmeat'")
            assert schemas.fetchall() == []
    message = f"has the encoding {encoding}"
    assert f"{message}: Use a database with UTF8: create database" in str(refused.value)
    assert message in by_psql.stderr
    assert message in by_alembic


def test_a_database_that_folds_only_ascii_is_reported_once(server_url: str) -> None:
    reported: list[str] = []
    with database_with(server_url, encoding="UTF8") as url:
        migration.upgrade("0001_catalogue", url=url, report=reported.append)
        migration.upgrade("0002_counts", url=url, report=reported.append)

    assert len([each for each in reported if "folds the case of ASCII letters only" in each]) == 1


def test_an_older_server_is_refused(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # No older server is here, so the oldest one that is allowed is newer than this one.
    monkeypatch.setattr("skillmeat.migration.session.OLDEST_VERSION", 990000)

    with pytest.raises(DatabaseError, match="which is too old: Use PostgreSQL 15 or newer"):
        migration.upgrade(url=empty_url)


@pytest.mark.parametrize(
    ("privilege", "advice"),
    [("create", "grant create on database"), ("temp", "grant temp on database")],
)
def test_a_missing_privilege_on_the_database_is_refused_with_its_grant(
    empty_url: str, modest: str, privilege: str, advice: str
) -> None:
    with psycopg.connect(empty_url, autocommit=True) as owner:
        database = owner.info.dbname
        owner.execute(f"revoke all on database {database} from public".encode())
        owner.execute(f"grant connect, create, temp on database {database} to {modest}".encode())
        owner.execute(f"revoke {privilege} on database {database} from {modest}".encode())

    with pytest.raises(NotAllowed) as refused:
        migration.upgrade(url=make_conninfo(empty_url, options=f"-c role={modest}"), schema="plain")

    assert f"{advice} {database} to {modest}" in str(refused.value)


@pytest.mark.parametrize("granted", [None, "create", "usage"])
def test_a_schema_in_which_the_role_may_not_create_is_refused_with_its_grant(
    empty_url: str, modest: str, granted: str | None
) -> None:
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute("create schema given")
        if granted is not None:
            owner.execute(f"grant {granted} on schema given to {modest}".encode())

    with pytest.raises(NotAllowed) as refused:
        migration.upgrade(url=make_conninfo(empty_url, options=f"-c role={modest}"), schema="given")

    assert f"grant create, usage on schema given to {modest}" in str(refused.value)


@pytest.mark.parametrize("name", ["Owner-1", "sa@project.iam", 'an "owner"'])
def test_the_owner_may_have_any_name(empty_url: str, name: str) -> None:
    role = f"{name} {uuid4().hex}"
    as_role = make_conninfo(empty_url, options=re.sub(r"([\\\s])", r"\\\1", f"-crole={role}"))
    with psycopg.connect(empty_url, autocommit=True) as admin:
        quoted = sql.Identifier(role)
        database = sql.Identifier(admin.info.dbname)
        admin.execute(sql.SQL("create role {}").format(quoted))
        admin.execute(sql.SQL("grant create on database {} to {}").format(database, quoted))

        reached = migration.upgrade(url=as_role, schema="theirs")
        checked = migration.check_schema(url=as_role, schema="theirs")

        admin.execute(sql.SQL("drop owned by {0} cascade; drop role {0}").format(quoted))
    assert (reached.up_to_date, checked.differences) == (True, ())


def test_another_encoding_of_the_client_does_not_matter(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "SQL_ASCII")

    assert migration.upgrade(url=empty_url).up_to_date


@pytest.mark.parametrize(
    "arguments", [("upgrade", "nope"), ("downgrade", "0001_catalogue"), ("current",)]
)
def test_a_command_of_alembic_that_installs_nothing_leaves_no_schema(
    empty_url: str, arguments: tuple[str, ...]
) -> None:
    run_alembic(empty_url, *arguments)

    with psycopg.connect(empty_url) as conn:
        found = conn.execute("select from pg_namespace where nspname = 'skillmeat'").fetchall()
    assert found == []


def test_a_role_without_usage_is_not_told_that_nothing_is_installed(url: str, modest: str) -> None:
    blind = make_conninfo(url, options=f"-c role={modest}")

    with pytest.raises(NotAllowed, match=f"administrator, run: grant skillmeat_reader to {modest}"):
        migration.get_status(url=blind)


def test_a_downgrade_of_nothing_says_that_nothing_is_installed(empty_url: str) -> None:
    with pytest.raises(SkillMeatError, match=r"nothing is installed, so 0001_catalogue cannot be"):
        migration.preview_downgrade("0001_catalogue", url=empty_url)


def run_alembic(url: str, *arguments: str) -> str:
    """Run the program `alembic` in this process, as in a checkout; return what it prints."""
    output = StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(output),
        redirect_stderr(output),
        suppress(SystemExit),
    ):
        patch.chdir(CHECKOUT)
        patch.setenv("SKILLMEAT_DATABASE_URL", url)
        alembic.config.main(arguments)
    return output.getvalue()


def test_a_preview_is_refused_to_a_role_that_may_not_read_the_revision(
    url: str, conn: psycopg.Connection
) -> None:
    conn.execute("grant usage on schema skillmeat to pg_monitor")

    with pytest.raises(NotAllowed, match="permission denied for table alembic_version"):
        migration.preview_downgrade("base", url=make_conninfo(url, options="-c role=pg_monitor"))
