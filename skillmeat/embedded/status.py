"""The state of the server of a root, and the processes that belong to it.

The pid in postmaster.pid proves nothing: the file outlives kill -9 and reboots, and another process
may have the pid by then.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg.pq import PGconn, Ping

from skillmeat.embedded.paths import ServerPaths, translate_os_errors
from skillmeat.embedded.sockets import find_socket_directory
from skillmeat.embedded.urls import make_socket_url

# psutil is imported only in functions: most commands find a running server and do not need it.
# ruff: noqa: PLC0415

if TYPE_CHECKING:
    import psutil

_SECONDS_TO_ANSWER = 2

# A pid that no process can have. PostgreSQL then looks for living backends itself and starts;
# without the file it would not look for them.
_NO_PID = "999999999"

_STATUS_LINE = 7


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """The state of a server; None for what is unknown or does not exist yet."""

    running: bool
    pid: int | None
    url: str | None
    data_directory: Path
    log: Path
    version: str | None


def get_status(root: Path) -> ServerStatus:
    """Read the state of the server at `root` without starting it.

    `version` is the full one if the server runs, else the major one of the data.
    """
    paths = ServerPaths.at(root)
    with translate_os_errors(paths.root):
        url = get_running_url(paths)
        return ServerStatus(
            running=url is not None,
            pid=find_postmaster(paths.data),
            url=url,
            data_directory=paths.data,
            log=paths.log,
            version=(url and get_server_version(url)) or paths.read_major_version(),
        )


def get_server_version(url: str) -> str | None:
    """Ask the server of `url` for its version, such as 18.6; None if it refuses the connection."""
    try:
        with psycopg.connect(url, connect_timeout=_SECONDS_TO_ANSWER) as connection:
            return connection.info.parameter_status("server_version")
    except psycopg.OperationalError:
        return None


def get_running_url(paths: ServerPaths) -> str | None:
    """Return the URL of the server if it accepts connections now; costs two milliseconds."""
    directory = find_socket_directory(paths)
    if directory is None:
        return None
    url = make_socket_url(directory)
    # A server answers a ping even if every connection is taken, and a ping needs no database.
    target = f"{url}&connect_timeout={_SECONDS_TO_ANSWER}"
    return url if PGconn.ping(target.encode()) == Ping.OK else None


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
    """Overwrite the pid that a dead postmaster left, so that it does not stop the next one."""
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
