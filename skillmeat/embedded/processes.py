"""The processes of a server: find its postmaster, and end those that outlive it.

The pid in postmaster.pid proves nothing: the file outlives kill -9 and reboots, and another process
may have the pid by then.
"""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

# psutil is imported only in functions: most commands find a running server and do not need it.
# ruff: noqa: PLC0415

if TYPE_CHECKING:
    import psutil

# A pid that no process can have. PostgreSQL then looks for living backends itself and starts;
# without the file it would not look for them.
_NO_PID = "999999999"

_STATUS_LINE = 7


def find_postmaster(data: Path) -> int | None:
    """Return the pid of the living postmaster of `data`, never that of another process."""
    try:
        pid = int((data / "postmaster.pid").read_text().partition("\n")[0])
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return pid if pid > 0 and _find_process(data, pid) else None


def is_ready(data: Path) -> bool:
    """Return whether the postmaster has written to postmaster.pid that it accepts connections."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready"


def kill_orphans(data: Path) -> None:
    """Kill backends whose postmaster is dead: a busy one would keep the next server from starting.

    Nothing committed is lost: their shared memory is given up in any case, and the next start
    replays the WAL.
    """
    import psutil

    for pid in psutil.pids():
        if process := _find_process(data, pid):
            with suppress(psutil.NoSuchProcess):
                process.kill()


def invalidate_stale_pid(data: Path) -> None:
    """Overwrite the pid of a dead postmaster, which would keep the next one from starting."""
    if find_postmaster(data) is not None:
        return
    pid_file = data / "postmaster.pid"
    with suppress(FileNotFoundError):
        pid_file.write_text(_NO_PID + "\n" + pid_file.read_text().partition("\n")[2])


def _find_process(data: Path, pid: int) -> "psutil.Process | None":
    """Return the process if it runs postgres in the data directory, as all of a cluster do."""
    import psutil

    try:
        process = psutil.Process(pid)
        is_postgres = Path(process.exe()).name.startswith("postgres")
        return process if is_postgres and Path(process.cwd()).samefile(data) else None
    except (psutil.Error, OSError):
        return None
