"""Temporary servers, for tests and benchmarks: fast, because nothing in them is durable."""

import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from skillmeat.embedded.control import start_process
from skillmeat.embedded.initdb import DURABLE
from skillmeat.embedded.paths import ServerPaths
from skillmeat.embedded.processes import find_postmaster, kill_orphans
from skillmeat.embedded.sockets import remove_socket_directory
from skillmeat.embedded.status import get_running_url

NOT_DURABLE: Mapping[str, str] = {
    **DURABLE,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "4GB",
    "autovacuum": "off",
    # Shared memory is a file beside the data: removing an abandoned root removes it too.
    "dynamic_shared_memory_type": "mmap",
}

_PREFIX = "skillmeat-temporary-"
_ENOUGH_MEMORY = 2 * 1024**3


@contextmanager
def temporary_server(
    *,
    binaries: Path | None = None,
    settings: Mapping[str, str] = NOT_DURABLE,
) -> Iterator[str]:
    """Start a new, empty, fast server, and yield its URL; it ends with the block or the process.

    First removes the leftovers of killed processes. Raises `ServerError`.
    """
    with temporary_root() as paths:
        process = start_process(paths, binaries=binaries, settings=settings, ends_with_parent=True)
        try:
            url = get_running_url(paths)
            if url is None:
                message = f"the temporary server in {paths.root} ended as soon as it had started"
                raise RuntimeError(message)
            yield url
        finally:
            kill_server(paths)
            if process is not None:
                process.wait()


@contextmanager
def temporary_root() -> Iterator[ServerPaths]:
    """Create a root for a server that the caller ends, and remove it; remove abandoned ones too."""
    base = choose_base()
    _remove_abandoned_roots(base)
    root, lock = _create_root(base)
    paths = ServerPaths.at(root)
    try:
        yield paths
    finally:
        _remove_root(paths)
        os.close(lock)


def choose_base() -> Path:
    """Return the directory for temporary roots: in memory if there is enough of it."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a private directory in it
    is_roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ENOUGH_MEMORY
    return memory if is_roomy and os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


def kill_server(paths: ServerPaths) -> None:
    """End the server, if it runs, without a checkpoint."""
    if pid := find_postmaster(paths.data):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
    else:
        kill_orphans(paths.data)


def _create_root(base: Path) -> tuple[Path, int]:
    """Return a new root, and the open lock on it that shows that its process lives."""
    unnamed = Path(tempfile.mkdtemp(prefix=".skillmeat-", dir=base))
    unnamed.chmod(
        0o711
    )  # the server's user may have to pass through; the folders inside are private
    lock = os.open(unnamed, os.O_RDONLY | os.O_CLOEXEC)
    fcntl.flock(lock, fcntl.LOCK_EX)
    # Named only now, because an unlocked directory of that name counts as abandoned.
    return unnamed.rename(base / unnamed.name.replace(".skillmeat-", _PREFIX, 1)), lock


def _remove_abandoned_roots(base: Path) -> None:
    for root in base.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another user's, or in use, or removed by now
            lock = os.open(root, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                paths = ServerPaths.at(root)
                kill_server(paths)
                _remove_root(paths)
            finally:
                os.close(lock)


def _remove_root(paths: ServerPaths) -> None:
    remove_socket_directory(paths)
    shutil.rmtree(paths.root, ignore_errors=True)
