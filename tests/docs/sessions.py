"""Run the blocks of a page as a reader does: in one shell and one psql, from top to bottom."""

import fcntl
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from tempfile import gettempdir
from threading import Timer
from typing import IO
from uuid import uuid4

import pytest

from tests.catalogue.sessions import SECONDS, eventually
from tests.docs.blocks import Block
from tests.docs.outputs import matches

PORT = 8080
# A command that hangs fails its page.
_PATIENCE = 120


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a page runs."""

    variables: Mapping[str, str]
    folder: Path


@dataclass(frozen=True, slots=True)
class Ran:
    """The output of a block, and its exit code."""

    output: str
    exit_code: int


class Session:
    """One reader at one page."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._mark = f"end of block {uuid4().hex}"
        self._shell = self._start("bash", "--noprofile", "--norc")
        self._psql: subprocess.Popen[str] | None = None
        self._background: list[subprocess.Popen[str]] = []
        self._port: IO[str] | None = None

    def run(self, block: Block) -> Ran:
        """Run a block to its end and return what it printed, errors included."""
        if block.after_interrupt:
            self._end_background()
        if block.keeps_running:
            return self._run_in_background(block)
        if block.language == "sh":
            return self._run_shell(block.text)
        if block.language == "sql":
            return self._run_sql(block.text)
        script = self._file("block.py", block.text)
        return self._run_shell(f"{shlex.quote(sys.executable)} {script}")

    def close(self) -> None:
        """End the processes that the page started."""
        self._end_background()
        for process in filter(None, (self._psql, self._shell)):
            if process.stdin is not None:
                process.stdin.close()
            process.terminate()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        if self._port is not None:
            self._port.close()

    def _run_shell(self, text: str) -> Ran:
        script = self._file("block.sh", text)
        # Sourced, so that variables stay; with an empty input, so that no command reads ours.
        output = self._send(
            self._shell,
            f"failed=0; trap 'failed=$?' ERR; source {script} </dev/null; ended=$?; trap - ERR\n"
            f"echo; echo $((ended ? ended : failed)) {self._mark}\n",
        )
        output, _, code = output.rpartition("\n")
        return Ran(output, int(code))

    def _run_sql(self, text: str) -> Ran:
        if self._psql is None:
            self._psql = self._start("skillmeat", "psql", "--", "--no-psqlrc")
        output = self._send(self._psql, f"{text}\n\\echo '\\n0' {self._mark}\n")
        output = output.rpartition("\n")[0]
        return Ran(output, int(any(line.startswith("ERROR:") for line in output.splitlines())))

    def _run_in_background(self, block: Block) -> Ran:
        self._take_port()
        log = self._environment.folder / "background.log"
        process = self._start(
            "bash", "-c", f"exec {block.text}", variables=self._exported(), log=log
        )
        self._background.append(process)

        def is_ready() -> bool:
            return matches(block.output or "…", log.read_text()) or process.poll() is not None

        # On a busy machine a server takes longer to start than a session to wait.
        for _ in range(_PATIENCE // SECONDS):
            with suppress(TimeoutError):
                eventually(is_ready)
                break
        return Ran(log.read_text(), process.poll() or 0)

    def _take_port(self) -> None:
        # Pages show the default port, which one page at a time has.
        if self._port is None:
            self._port = (Path(gettempdir()) / "skillmeat-docs-port.lock").open("w")
            fcntl.flock(self._port, fcntl.LOCK_EX)
            with closing(socket()) as probe:
                if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                    pytest.skip(f"port {PORT} is in use here")

    def _end_background(self) -> None:
        while self._background:
            process = self._background.pop()
            process.terminate()
            process.communicate()

    def _exported(self) -> dict[str, str]:
        lines = self._run_shell("env -0 | tr '\\n\\0' ' \\n'").output.splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def _file(self, name: str, text: str) -> Path:
        path = self._environment.folder / name
        path.write_text(text)
        return path

    def _start(
        self, *command: str, variables: Mapping[str, str] | None = None, log: Path | None = None
    ) -> subprocess.Popen[str]:
        with nullcontext(subprocess.PIPE) if log is None else log.open("w") as output:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                cwd=self._environment.folder,
                env=variables or self._environment.variables,
            )

    def _send(self, process: subprocess.Popen[str], text: str) -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(text)
        process.stdin.flush()
        lines: list[str] = []
        watchdog = Timer(_PATIENCE, process.kill)
        watchdog.start()
        try:
            for line in process.stdout:
                if line.rstrip().endswith(self._mark):
                    code = line.split(maxsplit=1)[0]
                    return "".join(lines).rstrip("\n") + "\n" + code
                lines.append(line)
        finally:
            watchdog.cancel()
        raise AssertionError("it ended too early, after:\n" + "".join(lines))


@contextmanager
def session(environment: Environment) -> Iterator[Session]:
    """Open a session that ends with the block."""
    opened = Session(environment)
    try:
        yield opened
    finally:
        opened.close()
