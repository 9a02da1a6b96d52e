"""A server under callgrind, which counts the instructions of each backend."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil
from psycopg import Connection

from skillmeat import connect, embedded
from skillmeat.embedded.os_user import OsUser, choose_os_user
from skillmeat.errors import CannotConnect, ServerError

VALGRIND: Final = shutil.which("valgrind")

# Nothing but the statement itself writes WAL or takes instructions.
SETTINGS: Final = {"autovacuum": "off", "full_page_writes": "off", "fsync": "off"}
LOOK: Final = 0.1


def require_valgrind() -> None:
    """Raise `ServerError` if valgrind is not installed."""
    if VALGRIND is None:
        message = "valgrind is not installed: install it, or run without --instructions"
        raise ServerError(message)


@contextmanager
def start_callgrind(root: Path) -> Iterator[tuple[str, Path]]:
    """Run the server under callgrind; yield its URL and the folder with a file for each backend."""
    binaries = embedded.find_binaries()
    data, counts, socket = root / "data", root / "counts", root / "callgrind"
    os_user = choose_os_user(root, data, binaries)
    for own in (counts, socket):
        own.mkdir(mode=0o700)
        os_user.chown(own)
    command = [
        *(*os_user.prefix, str(VALGRIND), "--tool=callgrind", "--vgdb=no"),
        f"--callgrind-out-file={counts}/%p",
        *(str(binaries / "postgres"), "-D", str(data), "-k", str(socket)),
        *("-c", "listen_addresses=", "-c", "io_method=sync"),
    ]
    process = _launch(command, os_user)
    try:
        yield _wait_for(f"postgresql://postgres@/postgres?host={socket}", process), counts
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _launch(command: list[str], os_user: OsUser) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={**os.environ, "LC_ALL": "C"},
        user=os_user.user,
        group=os_user.group,
        extra_groups=os_user.extra_groups,
    )


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> str:
    while process.poll() is None:
        try:
            connect(url, schema="public").close()
        except CannotConnect:
            time.sleep(LOOK)
        else:
            return url
    message = "PostgreSQL does not start under valgrind: run without --instructions"
    raise ServerError(message)


def count_session(url: str, send: Callable[[Connection], object], times: int, counts: Path) -> int:
    """Count the instructions of a session, in autocommit, that calls `send` so many times."""
    with connect(url, autocommit=True) as conn:
        backend = psutil.Process(conn.info.backend_pid)
        for _ in range(times):
            send(conn)
    backend.wait()
    found = re.search(
        r"^(?:totals|summary): (\d+)", (counts / str(backend.pid)).read_text(), re.MULTILINE
    )
    if found is None:
        message = f"callgrind counted nothing in {counts / str(backend.pid)}"
        raise ServerError(message)
    return int(found[1])
