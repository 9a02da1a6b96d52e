"""Start the postmaster, detached from the terminal and the session; read why it ended."""

import os
import shutil
import subprocess
from pathlib import Path

from skillmeat.embedded.initdb import get_server_environment
from skillmeat.embedded.os_user import OsUser
from skillmeat.embedded.paths import ServerPaths, open_private
from skillmeat.embedded.processes import invalidate_stale_pid
from skillmeat.embedded.sockets import SOCKET_NAME, create_socket_directory
from skillmeat.embedded.urls import PORT

# The shell exits at once, so the server becomes a child of init and the caller need not reap it.
_DETACHED = ("sh", "-c", '"$@" &', "sh")

# On Linux the kernel ends such a server with its parent; elsewhere the next temporary server does.
_ENDS_WITH_PARENT = ("setpriv", "--pdeathsig=QUIT")

_LARGEST_LOG = 10 * 1024 * 1024
_ERRORS = ("FATAL:", "PANIC:", "ERROR:")
_ADDITIONS = ("DETAIL:", "HINT:")
_USUAL = ("starting PostgreSQL", "listening on", "database system")


def launch_postmaster(
    paths: ServerPaths,
    binaries: Path,
    os_user: OsUser,
    *,
    alive: int,
    ends_with_parent: bool,
) -> subprocess.Popen[bytes]:
    """Start the postmaster, which inherits the open file `alive` and no other open file.

    The caller holds both locks. Returns the server if it `ends_with_parent`, else the shell that
    started it and has exited.
    """
    directory = create_socket_directory(paths, os_user)
    invalidate_stale_pid(paths.data)
    # The caller holds alive.lock, so a pid in this file is that of another program.
    (directory / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
    if not ends_with_parent:
        prefix: tuple[str, ...] = _DETACHED
    else:
        prefix = _ENDS_WITH_PARENT if shutil.which(_ENDS_WITH_PARENT[0]) else ()
    log = open_log(paths.log)
    try:
        process = subprocess.Popen(
            [*os_user.prefix, *prefix, binaries / "postgres", *_options(paths, directory)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(alive,),
            start_new_session=True,
            cwd="/",
            env=get_server_environment(),
            user=os_user.user,
            group=os_user.group,
            extra_groups=os_user.extra_groups,
        )
    finally:
        os.close(log)
    if not ends_with_parent:
        process.wait()
    return process


def read_last_error(log: Path, since: int) -> str:
    """Return why the server ended, as one line: its last error written after the byte `since`."""
    with log.open("rb") as file:
        file.seek(since)
        lines = file.read().decode(errors="replace").splitlines()
    for at in range(len(lines) - 1, -1, -1):
        if any(level in lines[at] for level in _ERRORS):
            # The reason, such as a wrong setting, is logged just before, as LOG or WARNING.
            before = [line for line in lines[:at][-2:] if not any(each in line for each in _USUAL)]
            after = [line for line in lines[at + 1 :] if any(each in line for each in _ADDITIONS)]
            return " ".join(_remove_prefix(line) for line in [*before, lines[at], *after])
    return lines[-1] if lines else f"nothing was written to {log}"


def open_log(log: Path) -> int:
    """Open the log to append to; rename one above ten megabytes to server.log.1 first."""
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_name(f"{log.name}.1"))
    return open_private(log, os.O_WRONLY | os.O_APPEND)


def _remove_prefix(line: str) -> str:
    """Remove the time and the pid from a line."""
    for level in ("LOG:", "WARNING:", *_ERRORS, *_ADDITIONS):
        if level in line:
            return " ".join(line[line.index(level) :].split())
    return line


def _options(paths: ServerPaths, socket_directory: Path) -> list[str]:
    quoted = str(socket_directory).replace('"', '""')  # the setting is a list of such names
    return [
        *("-D", str(paths.data)),
        *("-p", str(PORT)),
        *("-c", "listen_addresses="),
        *("-c", f'unix_socket_directories="{quoted}"'),
        *("-c", "unix_socket_permissions=0700"),
    ]
