"""The OpenAPI document, checked against the server by schemathesis."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.serving import RunningServer

CONFIG = Path(__file__).parent / "schemathesis.toml"


def schemathesis(server: RunningServer, folder: Path, *arguments: str) -> tuple[int, str]:
    """Run schemathesis; return its exit code and its output."""
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            f"--config-file={CONFIG}",
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


def test_each_endpoint_conforms_to_the_openapi_document(
    server: RunningServer, tmp_path: Path
) -> None:
    code, message = schemathesis(server, tmp_path, "--phases=examples,coverage", "--seed=1")

    assert code == 0, message


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(5))
def test_random_sequences_of_requests_conform_to_the_openapi_document(
    server: RunningServer, tmp_path: Path, seed: int
) -> None:
    code, message = schemathesis(server, tmp_path, f"--seed={seed}", "--max-examples=50")

    assert code == 0, message
