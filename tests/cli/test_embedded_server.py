"""`skillmeat server`, `skillmeat url` and `skillmeat psql`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from skillmeat.cli.embedded_server import app
from skillmeat.embedded import start
from skillmeat.errors import ServerError
from tests.embedded.conftest import root, running_root, stopped_root, template_root

__all__ = ["root", "running_root", "stopped_root", "template_root"]

SERVER = "from skillmeat.cli.embedded_server import app; app()"
URL = "from skillmeat.cli.embedded_server import url; url()"
PSQL = "import sys; from skillmeat.cli.embedded_server import psql; psql(sys.argv[1:])"


@pytest.fixture(scope="module")
def url(shared_url: str) -> str:
    """Share one catalogue: no test depends on what is in it."""
    return shared_url


@pytest.fixture
def without_url(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let commands use the embedded server."""
    monkeypatch.delenv("SKILLMEAT_DATABASE_URL")
    return monkeypatch


def run(code: str, *arguments: str, **environment: object) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "SKILLMEAT_DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        env=kept | {name: str(value) for name, value in environment.items()},
    )


def test_the_server_starts_shows_its_status_and_stops(
    stopped_root: Path, without_url: pytest.MonkeyPatch
) -> None:
    without_url.setenv("SKILLMEAT_DATA_DIR", str(stopped_root))

    # The server outlives the process that starts it.
    codes = [
        CliRunner().invoke(app, ["status"]).exit_code,
        run(SERVER, "start").returncode,
        *(
            CliRunner().invoke(app, [each]).exit_code
            for each in ("status", "stop", "stop", "status")
        ),
    ]

    assert codes == [3, 0, 0, 0, 0, 3]


def test_status_as_json_names_the_catalogues_url(
    running_root: Path, without_url: pytest.MonkeyPatch
) -> None:
    without_url.setenv("SKILLMEAT_DATA_DIR", str(running_root))

    shown = CliRunner().invoke(app, ["status", "--json"]).stdout

    found = json.loads(shown)
    assert (found["running"], found["embedded"]) == (True, True)
    assert "/skillmeat?host=" in found["url"]


def test_url_starts_the_server_prints_its_url_and_ends(stopped_root: Path) -> None:
    shown = run(URL, SKILLMEAT_DATA_DIR=stopped_root).stdout

    assert shown == start(stopped_root).replace("/postgres?", "/skillmeat?") + "\n"


def test_psql_runs_in_the_schema_of_the_catalogue_and_passes_its_exit_code_through(
    running_root: Path,
) -> None:
    asked = "select current_database() || ' ' || current_setting('search_path')"

    failed = run(
        PSQL,
        *("-XAtv", "ON_ERROR_STOP=1", "-f-", "-c", asked, "-c", "wrong"),
        SKILLMEAT_DATA_DIR=running_root,
        SKILLMEAT_SCHEMA="mine",
    )

    assert failed.stdout == 'skillmeat "mine",pg_temp\n'
    assert failed.returncode in (1, 3)
    assert "syntax error" in failed.stderr


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_psql_shows_no_password_to_other_users(running_root: Path) -> None:
    url = start(running_root).replace("postgres@", "postgres:secret@")

    shown = run(
        PSQL,
        "-Xc",
        r"\! tr '\0' ' ' < /proc/$PPID/cmdline; echo; echo $PGPASSWORD",
        SKILLMEAT_DATABASE_URL=url,
    ).stdout

    arguments, in_environment = shown.splitlines()
    assert "secret" not in arguments
    assert in_environment == "secret"


@pytest.mark.parametrize("action", ["start", "stop"])
def test_a_configured_server_is_not_started_or_stopped(
    monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", "postgresql://host/database")

    refused = CliRunner().invoke(app, [action])

    assert isinstance(refused.exception, ServerError)
    assert f"unset it to {action} the embedded one" in str(refused.exception)


def test_status_of_a_configured_server_hides_the_password(
    running_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = start(running_root).replace("postgres@", "postgres:secret@")
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)

    shown = CliRunner().invoke(app, ["status", "--json"])

    assert (shown.exit_code, json.loads(shown.stdout)["running"]) == (0, True)
    assert "secret" not in shown.stdout
