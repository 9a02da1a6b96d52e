"""Run other processes that use the server, and look at processes from outside."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

UNPRIVILEGED = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
# The ordinary user may then read the interpreter anywhere, but write no file of other users.
READING = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")

as_root = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root and setpriv"
)

STARTS = """
import sys
from pathlib import Path
from skillmeat.embedded import start
print(start(Path(sys.argv[1])))
"""


def client(code: str, *arguments: object, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Start Python with `code`; a `with` reaps the process, and `before` precedes the command."""
    return subprocess.Popen(
        [*before, sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_output(process: subprocess.Popen[str]) -> str:
    """Return what the process prints until every end of its pipe is closed."""
    with process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    return out.strip()


def wait_until(condition: Callable[[], object], *, within: float = 20) -> None:
    """Return once the condition holds; fail after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        time.sleep(0.005)


def is_alive(pid: int) -> bool:
    """Return whether the process runs; a zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def recorded_pid(root: Path) -> int:
    """Return the pid in the server's pid file."""
    return int((root / "data" / "postmaster.pid").read_text().splitlines()[0])
