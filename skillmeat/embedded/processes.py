"""Which processes are a cluster's. A pid in a file is a claim: it outlives kill -9 and reboots."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")

# A pid that no process can have: PostgreSQL then looks for living backends itself and goes on,
# whereas without the file it would not look.
_NO_PID = "999999999"


def postmaster(data: Path) -> int | None:
    """The pid of the living postmaster of `data`, never that of a stranger who inherited it."""
    pid = _recorded(data)
    return pid if pid is not None and _is_postgres_of(data, pid) else None


def is_ready(data: Path) -> bool:
    """Whether the postmaster has written that it accepts connections."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    status_line = 7
    return len(lines) > status_line and lines[status_line].strip() == "ready"


def end_orphans(data: Path) -> None:
    """Kill backends whose postmaster is dead: a busy one would keep the next server from starting.

    Their shared memory is given up in any case and the log replays what they committed.
    """
    if not (_PROC / "self").exists():
        return
    for entry in _PROC.iterdir():
        if entry.name.isdecimal() and _is_postgres_of(data, int(entry.name)):
            with suppress(ProcessLookupError):
                os.kill(int(entry.name), signal.SIGKILL)


def disarm_stale_pid(data: Path) -> None:
    """Let no pid left by a dead postmaster, perhaps a stranger's by now, stop the next one."""
    if postmaster(data) is not None:
        return
    record = data / "postmaster.pid"
    with suppress(FileNotFoundError):
        record.write_text(_NO_PID + "\n" + record.read_text().partition("\n")[2])


def _recorded(data: Path) -> int | None:
    try:
        pid = int((data / "postmaster.pid").read_text().partition("\n")[0])
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return pid if pid > 0 else None


def _is_postgres_of(data: Path, pid: int) -> bool:
    """Every process of a cluster runs the postgres program and works in its data directory."""
    if not (_PROC / "self").exists():
        return _command_names(data, pid)
    try:
        program = (_PROC / str(pid) / "exe").readlink().name
        return program.startswith("postgres") and (_PROC / str(pid) / "cwd").samefile(data)
    except OSError:
        return False


def _command_names(data: Path, pid: int) -> bool:
    shown = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)],  # noqa: S607 - wherever macOS has it
        check=False,
        capture_output=True,
    ).stdout
    return b"postgres" in shown and os.fsencode(data) in shown
