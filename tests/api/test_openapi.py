"""The OpenAPI document, taken at its word by a program that is not ours."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.serving import Running


def schemathesis(server: Running, folder: Path, *arguments: str) -> tuple[int, str]:
    """Its exit code and what it printed."""
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            f"{server.address}/openapi.json",
            "--checks=all",
            "--generation-database=none",
            "--no-color",
            *arguments,
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
    )
    return found.returncode, found.stdout + found.stderr


def test_what_the_description_says_of_each_endpoint_is_so(server: Running, tmp_path: Path) -> None:
    code, said = schemathesis(server, tmp_path, "--phases=examples,coverage", "--seed=1")

    assert code == 0, said


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_asked_in_whatever_order_the_description_holds(
    server: Running, tmp_path: Path, seed: int
) -> None:
    code, said = schemathesis(server, tmp_path, f"--seed={seed}", "--max-examples=50")

    assert code == 0, said
