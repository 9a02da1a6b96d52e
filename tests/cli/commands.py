"""Run the command line, in this process or in a process of its own."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from skillmeat.cli.app import app

COMMAND = (sys.executable, "-m", "skillmeat")


@dataclass(frozen=True, slots=True)
class Ran:
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON document
        """The output, parsed as a JSON document."""
        return json.loads(self.out)


def run(*arguments: str) -> Ran:
    """Run a command in this process; an exception that it does not catch fails the test."""
    result = CliRunner().invoke(app, arguments, prog_name="skillmeat", catch_exceptions=False)
    return Ran(result.exit_code, result.stdout, result.stderr)


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start a command in a process of its own, which receives Ctrl-C."""
    # A suite in a shell's background ignores SIGINT, and its child processes would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | environment,
    )


def end(process: subprocess.Popen[str]) -> Ran:
    """Wait until a command ends; kill it after a minute."""
    with process:
        try:
            out, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return Ran(process.returncode, out, err)
