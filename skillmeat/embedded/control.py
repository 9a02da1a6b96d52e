"""Start and stop the server of a root, also if several processes do so at once."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from skillmeat.embedded.binaries import find_binaries
from skillmeat.embedded.initdb import DURABLE, ensure_cluster
from skillmeat.embedded.os_user import choose_os_user
from skillmeat.embedded.paths import (
    ServerPaths,
    create_root,
    hold_lock,
    is_unlocked,
    translate_os_errors,
    try_lock,
)
from skillmeat.embedded.postmaster import launch_postmaster, read_last_error
from skillmeat.embedded.processes import find_postmaster, is_ready, kill_orphans
from skillmeat.embedded.sockets import (
    SOCKET_NAME,
    find_socket_directory,
    remove_socket_directory,
)
from skillmeat.embedded.status import get_running_url
from skillmeat.errors import ServerError

_TIMEOUT = 60.0
_POLL_SECONDS = 0.02
_STOP_SIGNALS = (signal.SIGINT, signal.SIGQUIT)


def start(
    root: Path,
    *,
    binaries: Path | None = None,
    settings: Mapping[str, str] = DURABLE,
    timeout: float = _TIMEOUT,
) -> str:
    """Return the URL of the server at `root`; create and start it unless it runs.

    A call recovers from a server, a backend or a client of this function that was killed before.
    Complete data is never deleted. The server outlives the caller. `binaries` is a
    directory of PostgreSQL programs (`find_binaries()`), `settings` go into a new cluster's
    postgresql.conf, `timeout` is in seconds. Raises `ServerError`.
    """
    paths = ServerPaths.at(root)
    with translate_os_errors(paths.root):
        if url := get_running_url(paths):
            return url
    start_process(
        paths, binaries=binaries, settings=settings, timeout=timeout, ends_with_parent=False
    )
    if url := get_running_url(paths):
        return url
    message = f"the server in {paths.root} ended as soon as it had started, see {paths.log}"
    raise ServerError(message)


def start_process(
    paths: ServerPaths,
    *,
    binaries: Path | None,
    settings: Mapping[str, str],
    ends_with_parent: bool,
    timeout: float = _TIMEOUT,
) -> subprocess.Popen[bytes] | None:
    """Start the server, and return a process for the caller to reap; None if a server runs already.

    With `ends_with_parent` that process is the server itself.
    """
    deadline = time.monotonic() + timeout
    with translate_os_errors(paths.root):
        create_root(paths)
        with hold_lock(paths.start_lock):
            alive = _acquire_alive_lock(paths, deadline)
            if alive is None:
                return None
            try:
                chosen = (binaries or find_binaries()).resolve()
                os_user = choose_os_user(paths.root, paths.data, chosen)
                ensure_cluster(paths, binaries=chosen, os_user=os_user, settings=settings)
                since = paths.log.stat().st_size if paths.log.exists() else 0
                process = launch_postmaster(
                    paths, chosen, os_user, alive=alive, ends_with_parent=ends_with_parent
                )
            finally:
                os.close(alive)
            try:
                _wait_until_running(paths, since, deadline)
            except BaseException:
                process.send_signal(signal.SIGQUIT)
                process.wait()
                raise
            return process


def stop(root: Path, *, timeout: float = _TIMEOUT) -> bool:
    """Stop the server at `root`, also with open connections; return whether one was running.

    Nothing committed is lost, even if an immediate shutdown is necessary. Raises `ServerError` if
    the server does not end within `timeout` seconds.
    """
    paths = ServerPaths.at(root)
    if not paths.data.is_dir():
        return False
    with translate_os_errors(paths.root), hold_lock(paths.start_lock):
        pid = find_postmaster(paths.data)
        if pid is None:
            return False
        # PostgreSQL 18 can hang if it is stopped during crash recovery: let that end first.
        _wait(lambda: get_running_url(paths) or _has_ended(paths), timeout / 6)
        # Fast shutdown, then immediate; after an immediate one the next start replays the WAL.
        if not any(_stop_with(each, paths, pid, timeout / 3) for each in _STOP_SIGNALS):
            message = f"the server (pid {pid}) did not stop in {timeout:.0f} s, see {paths.log}"
            raise ServerError(message)
        remove_socket_directory(paths)
    return True


def _stop_with(stop_signal: signal.Signals, paths: ServerPaths, pid: int, seconds: float) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, stop_signal)
    return _wait(lambda: _has_ended(paths), seconds)


def _has_ended(paths: ServerPaths) -> bool:
    return find_postmaster(paths.data) is None and is_unlocked(paths.alive_lock)


def _wait(condition: Callable[[], object], seconds: float) -> bool:
    """Wait until the condition holds; return whether it did within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _acquire_alive_lock(paths: ServerPaths, deadline: float) -> int | None:
    """Return the open alive.lock once no process of an old server lives; None if a server runs."""
    stopped_pid = None
    while (alive := try_lock(paths.alive_lock)) is None:
        if get_running_url(paths):
            return None
        pid = find_postmaster(paths.data)
        if pid is None:
            kill_orphans(paths.data)
        elif is_ready(paths.data) and not _has_socket(paths) and pid != stopped_pid:
            os.kill(pid, signal.SIGINT)  # its socket was deleted, so no client can reach it
            stopped_pid = pid
        if time.monotonic() > deadline:
            what = f"the server (pid {pid})" if pid else "what is left of a killed server"
            message = f"{what} in {paths.root} neither answers nor ends, see {paths.log}"
            raise ServerError(message)
        time.sleep(_POLL_SECONDS)
    if get_running_url(paths):
        os.close(alive)  # a server that was started by hand does not hold the lock
        return None
    return alive


def _has_socket(paths: ServerPaths) -> bool:
    directory = find_socket_directory(paths)
    return directory is not None and (directory / SOCKET_NAME).exists()


def _wait_until_running(paths: ServerPaths, since: int, deadline: float) -> None:
    while not get_running_url(paths):
        if is_unlocked(paths.alive_lock):
            reason = read_last_error(paths.log, since)
            message = f"the server in {paths.root} does not start: {reason}"
            if "No space left on device" in reason:
                message = (
                    f"the disk of {paths.root} is full, so the server does not start: make room"
                )
            raise ServerError(message)
        if time.monotonic() > deadline:
            reason = read_last_error(paths.log, since)
            message = f"the server in {paths.root} does not answer yet: {reason}"
            raise ServerError(message)
        time.sleep(_POLL_SECONDS)
