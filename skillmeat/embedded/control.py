"""Starting and stopping the server of a root, however many processes ask for it at once."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from skillmeat.embedded import file_locks
from skillmeat.embedded.binaries import find_binaries
from skillmeat.embedded.initdb import DURABLE, ensure_cluster
from skillmeat.embedded.log import last_words
from skillmeat.embedded.os_user import choose_identity
from skillmeat.embedded.paths import Home, explaining, make_root
from skillmeat.embedded.postmaster import launch
from skillmeat.embedded.processes import end_orphans, is_ready, postmaster
from skillmeat.embedded.sockets import SOCKET_NAME, remove_socket_directory, socket_directory
from skillmeat.embedded.status import running_url
from skillmeat.errors import ServerError

_PATIENCE = 60.0
_MOMENT = 0.02
_WAYS_TO_STOP = (signal.SIGINT, signal.SIGQUIT)


def start(
    root: Path,
    *,
    binaries: Path | None = None,
    settings: Mapping[str, str] = DURABLE,
    timeout: float = _PATIENCE,
) -> str:
    """The URL of the server at `root`, which is created and started unless it runs.

    Whatever was killed before, server, backends or a client halfway through this function, the
    next call mends; data that was once complete is never deleted. The server outlives the caller.
    `binaries` is a directory of PostgreSQL programs (`find_binaries()`), `settings` go into a new
    cluster's postgresql.conf, `timeout` is in seconds. Raises `ServerError`.
    """
    home = Home.at(root)
    with explaining(home.root):
        if url := running_url(home):
            return url
    start_process(home, binaries=binaries, settings=settings, timeout=timeout, tied=False)
    return _url_or_error(home)


def start_process(
    home: Home,
    *,
    binaries: Path | None,
    settings: Mapping[str, str],
    tied: bool,
    timeout: float = _PATIENCE,
) -> subprocess.Popen[bytes] | None:
    """Start the server; a `tied` one dies with the caller and is returned, to be waited for."""
    deadline = time.monotonic() + timeout
    with explaining(home.root):
        make_root(home)
        with file_locks.held(home.start_lock):
            alive = _become_the_only_one(home, deadline)
            if alive is None:
                return None
            try:
                chosen = (binaries or find_binaries()).resolve()
                identity = choose_identity(home.root, home.data, chosen)
                ensure_cluster(home, binaries=chosen, identity=identity, settings=settings)
                since = home.log.stat().st_size if home.log.exists() else 0
                process = launch(home, chosen, identity, alive=alive, tied=tied)
            finally:
                os.close(alive)
            try:
                _await_answer(home, since, deadline)
            except BaseException:
                process.send_signal(signal.SIGQUIT)
                process.wait()
                raise
            return process


def stop(root: Path, *, timeout: float = _PATIENCE) -> bool:
    """Stop the server at `root`, open connections or not; says whether one was running.

    Nothing committed is lost, even where it has to be stopped the hard way in the end. Raises
    `ServerError` where it is not gone within `timeout` seconds.
    """
    home = Home.at(root)
    if not home.data.is_dir():
        return False
    with explaining(home.root), file_locks.held(home.start_lock):
        pid = postmaster(home.data)
        if pid is None:
            return False
        # Told to stop in the middle of crash recovery, PostgreSQL 18 can hang: let it end that.
        _wait(lambda: running_url(home) or _is_gone(home), timeout / 6)
        # Fast, then immediate; the next start replays what an immediate stop left in the log.
        if not any(_stops_on(each, home, pid, timeout / 3) for each in _WAYS_TO_STOP):
            message = f"the server (pid {pid}) did not stop in {timeout:.0f} s, see {home.log}"
            raise ServerError(message)
        remove_socket_directory(home)
    return True


def _stops_on(stop_signal: signal.Signals, home: Home, pid: int, seconds: float) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, stop_signal)
    return _wait(lambda: _is_gone(home), seconds)


def _is_gone(home: Home) -> bool:
    return postmaster(home.data) is None and file_locks.is_free(home.alive_lock)


def _wait(condition: Callable[[], object], seconds: float) -> bool:
    """Whether the condition holds before so many seconds are over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_MOMENT)
    return True


def _become_the_only_one(home: Home, deadline: float) -> int | None:
    """The open lock of the living, once the dead are gone; None where a server answers."""
    told_to_stop = None
    while (alive := file_locks.try_hold(home.alive_lock)) is None:
        if running_url(home):
            return None
        pid = postmaster(home.data)
        if pid is None:
            end_orphans(home.data)
        elif is_ready(home.data) and not _has_socket(home) and pid != told_to_stop:
            os.kill(pid, signal.SIGINT)  # its socket was swept away: nobody can reach it any more
            told_to_stop = pid
        if time.monotonic() > deadline:
            who = f"the server (pid {pid})" if pid else "what is left of a killed server"
            message = f"{who} in {home.root} neither answers nor ends, see {home.log}"
            raise ServerError(message)
        time.sleep(_MOMENT)
    if running_url(home):
        os.close(alive)  # somebody started it by hand
        return None
    return alive


def _has_socket(home: Home) -> bool:
    directory = socket_directory(home)
    return directory is not None and (directory / SOCKET_NAME).exists()


def _await_answer(home: Home, since: int, deadline: float) -> None:
    while not running_url(home):
        if file_locks.is_free(home.alive_lock):
            reason = last_words(home.log, since)
            raise ServerError(_start_failure(home, reason))
        if time.monotonic() > deadline:
            message = (
                f"the server in {home.root} does not answer yet: {last_words(home.log, since)}"
            )
            raise ServerError(message)
        time.sleep(_MOMENT)


def _url_or_error(home: Home) -> str:
    if url := running_url(home):
        return url
    message = f"the server in {home.root} ended as soon as it had started, see {home.log}"
    raise ServerError(message)


def _start_failure(home: Home, reason: str) -> str:
    if "No space left on device" in reason:
        return f"the disk of {home.root} is full, so the server does not start: make room"
    return f"the server in {home.root} does not start: {reason}"
