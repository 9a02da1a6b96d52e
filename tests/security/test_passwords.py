"""No output, log or error contains a password, after any failure."""

import logging
import os
import subprocess
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import psycopg_pool
import pytest
from psycopg.conninfo import conninfo_to_dict

import skillmeat
from skillmeat.errors import CannotConnect, SkillMeatError
from skillmeat.maintenance.refresh import Refresher
from tests.catalogue.sessions import eventually
from tests.catalogue.test_connection import SECRET, walled_url
from tests.cli.commands import COMMAND, run
from tests.maintenance.refresh.refreshers import running_refresher

__all__ = ["walled_url"]

EXAMPLES = Path(__file__).parents[2] / "examples" / "marketplace"

COMMANDS = (
    ("status",),
    ("status", "--json"),
    ("url",),
    ("server", "status"),
    ("server", "status", "--json"),
    ("server", "stop"),
    ("migrate", "status"),
    ("migrate", "up"),
    ("verify",),
    ("repair", "--json"),
    ("refresh",),
    ("refresh", "--json"),
    ("collections", "list"),
    ("artifacts", "list", "--json"),
    ("collections", "create", "C"),
    ("import", str(EXAMPLES)),
    ("demo",),
)


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where the walled server is, as parts of URLs."""

    directory: str

    @property
    def there(self) -> str:
        """The query that names its socket."""
        return f"host={quote(self.directory, safe='')}"


@pytest.fixture
def hosts(walled_url: str) -> Hosts:
    return Hosts(str(conninfo_to_dict(walled_url)["host"]))


# {there} is the server's socket.
TROUBLES = {
    "right": f"postgresql://walled:{SECRET}@/postgres?{{there}}",
    "in the query": f"postgresql://walled@/postgres?password={SECRET}&{{there}}",
    "beside the key's": f"postgresql://walled:{SECRET}@/postgres?sslpassword=x{SECRET}&{{there}}",
    "encoded": f"postgresql://walled:%73{SECRET[1:]}@/postgres?{{there}}",
    "wrong": f"postgresql://walled:not-{SECRET}@/postgres?{{there}}",
    "no such database": f"postgresql://walled:{SECRET}@/nothing?{{there}}",
    "no such host": f"postgresql://walled:{SECRET}@nowhere.invalid/postgres",
    "refused": f"postgresql://walled:{SECRET}@127.0.0.1:1/postgres",
    "key=value": f"host=127.0.0.1 port=1 password={SECRET}",
    "no escape": f"postgresql://walled:{SECRET}%zz@127.0.0.1/postgres",
    "a bare :": f"postgresql://walled:x:{SECRET}@127.0.0.1:1/postgres",
    "a bare /": f"postgresql://walled:{SECRET}/x@127.0.0.1:1/postgres",
    "a number and a bare /": f"postgresql://walled:12/{SECRET}@127.0.0.1:1/postgres",
    "a wrong option": f"postgresql://127.0.0.1/postgres?password={SECRET}&no_such_option=1",
}
SIMILAR = {"right", "in the query", "encoded", "no such database", "refused", "no escape"}
# Passwords that only skillmeat.embedded can recognize.
OF_ITS_URLS = {
    "a bare @": f"postgresql://walled:x@{SECRET}@127.0.0.1/postgres",
    "a bare ?": f"postgresql://walled:x?{SECRET}@127.0.0.1:1/postgres",
    "a name in disguise": f"postgresql://walled@127.0.0.1:1/postgres?pass%77ord={SECRET}",
    "a key instead": f"postgresql://walled@127.0.0.1:1/postgres?scram_client_key={SECRET}",
}


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Yield every log record, at DEBUG."""
    with caplog.at_level(logging.DEBUG):
        for name in ("skillmeat", "psycopg", "psycopg.pool", "alembic", "sqlalchemy"):
            caplog.set_level(logging.DEBUG, logger=name)
        yield caplog


def all_output(monkeypatch: pytest.MonkeyPatch, url: str) -> str:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)
    monkeypatch.setenv("SKILLMEAT_SCHEMA", "skillmeat")
    ran = [run(*each) for each in COMMANDS]
    return "".join(each.out + each.err for each in ran)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(each, marks=pytest.mark.exhaustive) if each in SIMILAR else each
        for each in TROUBLES
    ],
)
def test_no_command_shows_or_logs_a_password(
    monkeypatch: pytest.MonkeyPatch, logged: pytest.LogCaptureFixture, hosts: Hosts, trouble: str
) -> None:
    printed = all_output(monkeypatch, TROUBLES[trouble].format(there=hosts.there))

    assert "postgres" in printed
    assert SECRET not in printed + logged.text


@pytest.mark.parametrize("trouble", OF_ITS_URLS)
def test_no_command_shows_a_password_that_is_not_escaped(
    monkeypatch: pytest.MonkeyPatch, logged: pytest.LogCaptureFixture, trouble: str
) -> None:
    printed = all_output(monkeypatch, OF_ITS_URLS[trouble])

    assert SECRET not in printed + logged.text


def test_a_password_in_the_environment_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, logged: pytest.LogCaptureFixture, hosts: Hosts
) -> None:
    monkeypatch.setenv("PGPASSWORD", f"not-{SECRET}")

    printed = all_output(monkeypatch, f"postgresql://walled@/postgres?{hosts.there}")

    assert "password authentication failed" in printed
    assert SECRET not in printed + logged.text


def everything_of(error: BaseException) -> str:
    """Return every text of an error: its message, its causes and all tracebacks."""
    found, each = [], error
    while each is not None:
        found += [str(each), repr(each), *traceback.format_exception(each)]
        each = each.__cause__ or each.__context__  # type: ignore[assignment]
    return "".join(found)


@pytest.mark.parametrize("trouble", ["wrong", "no such database", "refused", "no escape"])
def test_an_error_and_its_causes_contain_no_password(
    monkeypatch: pytest.MonkeyPatch, hosts: Hosts, trouble: str
) -> None:
    url = TROUBLES[trouble].format(there=hosts.there)
    with pytest.raises(CannotConnect) as given:
        skillmeat.connect(url)
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)
    with pytest.raises(SkillMeatError) as in_environment:
        skillmeat.connect()

    assert SECRET not in everything_of(given.value) + everything_of(in_environment.value)


def test_a_pool_that_cannot_connect_logs_no_password(
    logged: pytest.LogCaptureFixture, hosts: Hosts
) -> None:
    url = TROUBLES["wrong"].format(there=hosts.there)
    with skillmeat.create_pool(url, min_size=1, reconnect_timeout=0.1) as pool:
        eventually(lambda: "error connecting" in logged.text)
        with pytest.raises(psycopg_pool.PoolTimeout) as late, pool.connection(timeout=0.1):
            pass

    assert SECRET not in logged.text + everything_of(late.value) + repr(pool)


@pytest.mark.parametrize("trouble", ["wrong", "no such database", "refused"])
def test_a_refresher_reports_and_logs_no_password(
    logged: pytest.LogCaptureFixture, hosts: Hosts, trouble: str
) -> None:
    url = TROUBLES[trouble].format(there=hosts.there)
    with Refresher(url), running_refresher(url) as events:
        eventually(lambda: bool(events.all) and "no server" in logged.text)

    assert SECRET not in logged.text + repr([(each, each.message) for each in events.all])


def test_psql_gets_no_secret_in_its_arguments(
    monkeypatch: pytest.MonkeyPatch, hosts: Hosts
) -> None:
    url = TROUBLES["beside the key's"].format(there=hosts.there)
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)

    refused = run("psql")

    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "sslpassword" in refused.err
    assert SECRET not in refused.err


def test_the_log_of_the_server_contains_no_password(hosts: Hosts, walled_url: str) -> None:
    url = TROUBLES["right"].format(there=hosts.there)
    with skillmeat.connect(url) as conn, psycopg.connect(walled_url) as admin:
        conn.execute("select 1")
        seen = admin.execute("select a::text from pg_stat_activity as a").fetchall()

    assert "walled" in repr(seen)
    assert SECRET not in repr(seen)


@pytest.mark.exhaustive
def test_a_watch_that_loses_its_server_prints_no_password(hosts: Hosts, walled_url: str) -> None:
    url = TROUBLES["right"].format(there=hosts.there)
    ends = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'walled'"
    with subprocess.Popen(
        [*COMMAND, "refresh", "--watch", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"SKILLMEAT_DATABASE_URL": url},
    ) as process:
        with psycopg.connect(walled_url, autocommit=True) as admin:
            eventually(lambda: admin.execute(ends).rowcount > 0)
        assert process.stdout is not None
        printed = process.stdout.readline()
        process.terminate()
        printed += process.stdout.read()

    assert '"event"' in printed
    assert SECRET not in printed
