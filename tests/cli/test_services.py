"""Commands for one catalogue of the service file, and for all of them."""

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

import skillmeat
from tests.cli.commands import run, start
from tests.conftest import database

DEAD = "[dead]\nhost=/nonexistent\ndbname=x\n"


@pytest.fixture(scope="module")
def shared_url(server_url: str) -> Iterator[str]:
    """Yield a database with two catalogues, which the services a and b name."""
    with database(server_url) as url:
        yield url


@pytest.fixture(autouse=True)
def services(shared_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a service file with two catalogues, and a server that does not exist between them."""
    target = "".join(f"{key}={value}\n" for key, value in conninfo_to_dict(shared_url).items())
    sections = [
        f"[{name}]\n{target}options=-c search_path={name} -c work_mem=7MB\n" for name in "ab"
    ]
    file = tmp_path / "services"
    file.write_text(DEAD.join(sections))
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    monkeypatch.delenv("SKILLMEAT_DATABASE_URL", raising=False)
    # The command sets it for its own process.
    monkeypatch.setenv("SKILLMEAT_SCHEMA", "skillmeat")
    return file


def test_a_dead_server_stops_no_other_service_and_is_named_at_the_end() -> None:
    migrated = run("migrate", "up", "--all-services")
    verified = run("verify", "--all-services")

    assert migrated.out.splitlines() == [
        "-- service a, 1 of 3",
        "a: base -> 0005_access",
        "-- service dead, 2 of 3",
        "-- service b, 3 of 3",
        "b: base -> 0005_access",
    ]
    assert verified.out.count("\nhealthy\n") == 2
    assert verified.err.count("No such file") == 1
    for ran in (migrated, verified):
        assert (ran.code, ran.err.splitlines()[-1]) == (1, "1 of 3 services failed: dead")


def test_json_is_a_line_for_each_service_also_for_one_that_fails(
    services: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("migrate", "up", "--all-services")
    # The shortest that libpq has; the kernel accepts the connection, and no server answers.
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "2")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        services.write_text(
            services.read_text()
            + f"[silent]\nhost=127.0.0.1\nport={silent.getsockname()[1]}\ndbname=x\nuser=x\n"
        )
        shown = run("status", "--all-services", "--json")
    services.write_text(services.read_text().partition("[silent]")[0])
    refreshed = run("refresh", "--all-services", "--json")
    upgraded = run("migrate", "up", "--all-services", "--json")

    lines = [json.loads(line) for line in shown.out.splitlines()]
    assert [each["service"] for each in lines] == ["a", "dead", "b", "silent"]
    assert [each.get("schema") for each in lines] == ["a", None, "b", None]
    assert "No such file" in lines[1]["error"]
    assert "timeout" in lines[3]["error"]
    assert shown.err.splitlines()[-1] == "2 of 4 services failed: dead, silent"
    for ran in (shown, refreshed, upgraded):
        assert [json.loads(line)["service"] for line in ran.out.splitlines()][:3] == [
            "a",
            "dead",
            "b",
        ]
        assert ran.code == 1


def test_a_command_for_one_service_keeps_its_options(shared_url: str, services: Path) -> None:
    services.write_text(services.read_text().replace(DEAD, ""))
    run("migrate", "up", "--all-services")
    created = run("--service", "b", "collections", "create", "Reading")

    with skillmeat.connect("postgresql:///?service=b", schema="b") as conn:
        settings = conn.execute("select current_schema(), current_setting('work_mem')").fetchone()
    with skillmeat.connect(shared_url, schema="a") as conn:
        in_other = conn.execute("select from collections").fetchall()
    assert (created.code, settings, in_other) == (0, ("b", "7MB"), [])


def test_one_process_keeps_all_snapshots_fresh_by_one_connection(services: Path) -> None:
    services.write_text(services.read_text().replace(DEAD, ""))
    run("migrate", "up", "--all-services")
    services.write_text("[misspelt]\noptions=-c search_path=pg_a\n" + services.read_text())
    options = ("--after-changes", "1", "--every", "0.1", "--connections", "1")
    watcher = start("refresh", "--watch", "--all-services", *options)
    assert watcher.stdout is not None
    for name in "ab":
        with skillmeat.connect(f"postgresql:///?service={name}", schema=name) as conn:
            conn.execute("insert into artifacts (type, name) values ('skill', %s)", ["new"])
    refreshed: set[str] = set()
    for line in watcher.stdout:
        name, _, message = line.partition(": ")
        refreshed |= {name} if message.startswith("refreshed") else set()
        if refreshed == {"a", "b"}:
            break
    watcher.send_signal(signal.SIGTERM)
    _, err = watcher.communicate(timeout=60)

    assert err.startswith("misspelt: error: schema name 'pg_a' is not allowed")
    assert (watcher.returncode, refreshed) == (0, {"a", "b"})


@pytest.mark.parametrize("command", ["status", "serve"])
def test_one_service_and_all_of_them_are_refused_together(command: str) -> None:
    ran = run("--service", "a", command, "--all-services")

    assert (ran.code, ran.out) == (2, "")
    assert "--service names only one of them: leave out one of the two options" in ran.err
