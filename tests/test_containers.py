"""The command that compose.yaml runs before the server, with a stub of `skillmeat`."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
STUB = """#!/bin/sh
case "$*" in
    "migrate up") exit $MIGRATED ;;
    "token list") echo "$TOKENS" ;;
    "token create compose --scope write") echo secret ;;
esac
"""


@pytest.mark.parametrize(
    ("migrated", "tokens", "status", "said"),
    [
        (0, "name  scope", 0, "secret\n"),
        (0, "compose  write", 0, ""),
        (1, "name  scope", 1, ""),
        (1, "compose  write", 1, ""),
    ],
)
def test_a_token_is_created_once_and_only_in_a_migrated_schema(
    tmp_path: Path, migrated: int, tokens: str, status: int, said: str
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

    assert (ran.returncode, ran.stdout) == (status, said)
