import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from psycopg import Connection

from skillmeat.cli.app import Commands
from skillmeat.cli.lazy_group import LazyCommand
from tests.cli.commands import COMMAND, end, run, start
from tests.embedded.clients import wait_until


@pytest.fixture(scope="module")
def url(shared_url: str) -> str:
    """Share one catalogue: no test depends on what is in it."""
    return shared_url


def test_version_prints_the_version_of_the_distribution() -> None:
    assert run("--version").out == f"skillmeat {version('skillmeat-postgres')}\n"


@pytest.mark.parametrize(
    ("arguments", "problem", "command"),
    [
        (("nonsense",), "no such command 'nonsense'", ""),
        (("--nope",), "no such option: --nope", ""),
        (("collections", "lst"), "no such command 'lst': did you mean 'list'? S", " collections"),
        (("collections", "show"), "missing argument 'COLLECTION'", " collections show"),
        (
            ("artifacts", "list", "--limit", "0"),
            "invalid value for '--limit': must be greater than or equal to 1: s",
            " artifacts list",
        ),
        (
            ("token", "create", "x", "--scope", "all"),
            "invalid value for '--scope': 'all' is not one of 'read', 'write': s",
            " token create",
        ),
        (("migrate", "down", "/x"), "invalid value for 'revision': it is no", " migrate down"),
        (("status", "extra"), "got unexpected arguments (extra)", " status"),
    ],
)
def test_wrong_usage_is_one_line_that_names_the_help(
    arguments: tuple[str, ...], problem: str, command: str
) -> None:
    refused = run(*arguments)

    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert refused.err.startswith(f"error: {problem}")
    assert refused.err.endswith(f"ee `skillmeat{command} --help`\n")


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("collections", "a collection has this name: choose another"),
        ("token", "a token has this name, or had it until it was revoked: choose another"),
    ],
)
@pytest.mark.usefixtures("url")
def test_a_name_that_is_taken_is_refused_in_plain_words(command: str, problem: str) -> None:
    run(command, "create", "Taken")

    refused = run(command, "create", "Taken")

    assert (refused.code, refused.out) == (1, "")
    assert refused.err == f"error: {problem} (Key (name)=(Taken) already exists)\n"


def test_a_group_without_a_command_prints_its_help() -> None:
    shown = run("migrate")

    assert (shown.code, "Usage: skillmeat migrate" in shown.out) == (2, True)


def test_a_write_on_a_read_only_server_says_what_to_set(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_only = "options=-c%20default_transaction_read_only%3Don"
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", f"{url}&{read_only}")
    written = run("collections", "create", "New")
    refreshed = run("refresh")

    advice = "name the primary in SKILLMEAT_DATABASE_URL, or turn that setting off\n"
    assert (written.code, refreshed.code) == (1, 1)
    assert written.err.endswith(advice)
    assert refreshed.err.endswith(advice)


def test_an_invalid_schema_name_is_refused_in_one_line() -> None:
    refused = run("--schema", "pg_x", "status")

    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert refused.err.startswith("error: schema name")


def test_a_missing_server_is_reported_in_one_line_without_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", "postgresql://me:geheim@localhost:1/x")

    refused = run("collections", "list")

    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "geheim" not in refused.err


@pytest.mark.parametrize("name", ["", " x", "a\nb", "x" * 256])
def test_an_invalid_collection_name_is_refused_in_one_line(name: str) -> None:
    refused = run("collections", "create", name)

    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert refused.err.startswith("error: ")


def test_an_argument_that_is_not_unicode_is_refused_in_one_line() -> None:
    with subprocess.Popen(
        [*map(os.fsencode, COMMAND), b"collections", b"create", b"\xff"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        refused = end(process)

    assert (refused.code, refused.err.count("\n")) == (1, 1)


def test_ctrl_c_ends_a_waiting_statement_without_a_message(conn: Connection) -> None:
    with conn.transaction():
        conn.execute("lock table collections in access exclusive mode")
        process = start("collections", "list")
        wait_until(lambda: _is_waited_for(conn))
        process.send_signal(signal.SIGINT)

        interrupted = end(process)

    assert (interrupted.code, interrupted.out, interrupted.err) == (130, "", "")


def test_a_closed_pipe_ends_a_command_without_a_message(conn: Connection) -> None:
    conn.execute(
        "insert into artifacts (type, name)"
        " select 'skill', lpad(n::text, 200, 'x') from generate_series(1, 1000) n"
    )
    process = start("artifacts", "list", "--limit", "1000")
    assert process.stdout is not None
    assert process.stderr is not None

    with process:
        process.stdout.readline()
        process.stdout.close()
        output = process.stderr.read()

    assert (process.returncode, output) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [("collections", "list"), ("--version",)])
def test_a_full_disk_is_reported_in_one_line(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [*COMMAND, *arguments], check=False, stdout=full, stderr=subprocess.PIPE, text=True
        )

    assert (ran.returncode, ran.stderr) == (1, "error: No space left on device\n")


def _is_waited_for(conn: Connection) -> bool:
    # pg_stat_activity does not change within a transaction; pg_locks does.
    return conn.execute("select from pg_locks where not granted").rowcount > 0


def test_neither_the_server_nor_a_command_that_migrates_nothing_imports_alembic() -> None:
    script = (
        "import sys, skillmeat.api.app; from skillmeat.cli.app import Commands;"
        "[each.load() for each in Commands.lazy_commands];"
        "print({'alembic', 'sqlalchemy'} & {*sys.modules})"
    )

    imported = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert imported.stdout == b"set()\n"


def test_neither_a_start_on_a_migrated_catalogue_nor_a_status_imports_alembic(url: str) -> None:
    script = (
        "import sys; from skillmeat.cli.connections import create_catalogue; create_catalogue();"
        "from skillmeat.cli import migrate, status; sys.stdout = sys.stderr;"
        "status.status(); migrate.status(); sys.stdout = sys.__stdout__;"
        "print({'alembic', 'sqlalchemy'} & {*sys.modules})"
    )
    environment = {**os.environ, "SKILLMEAT_DATABASE_URL": url}

    started = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, check=True
    )

    assert started.stdout == b"set()\n"


def test_the_help_imports_no_driver() -> None:
    script = (
        "import atexit, sys; from skillmeat.cli import main; sys.argv[1:] = ['--help'];"
        "atexit.register(lambda: print({'psycopg', 'yaml', 'skillmeat.errors'} & {*sys.modules}));"
        "main()"
    )

    helped = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert helped.stdout.splitlines()[-1] == b"set()"


@pytest.mark.parametrize("command", Commands.lazy_commands, ids=lambda command: command.name)
def test_the_help_shows_each_command_as_its_own_help_does(command: LazyCommand) -> None:
    assert command.help == " ".join(command.load().help.partition("\n\n")[0].split())


def test_serve_without_its_extra_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skillmeat.api", None)

    refused = run("serve", "--port", "0")

    assert (refused.code, refused.err.count("\n")) == (1, 1)
    # In a registry, the name of this distribution may be unknown or belong to another project.
    assert "pip install '.[api]'" in refused.err
