"""Servers for tests and benchmarks: fast because nothing in them is to be kept."""

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
from skillmeat.embedded.paths import Home
from skillmeat.embedded.processes import end_orphans, postmaster
from skillmeat.embedded.sockets import remove_socket_directory
from skillmeat.embedded.status import running_url

FORGETFUL: Mapping[str, str] = {
    **DURABLE,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "4GB",
    "autovacuum": "off",
    # Shared memory lives with the data, so that a sweep finds it as well.
    "dynamic_shared_memory_type": "mmap",
}

_NAME = "skillmeat-throwaway-"
_ENOUGH_MEMORY = 2 * 1024**3


@contextmanager
def throwaway(
    *,
    binaries: Path | None = None,
    settings: Mapping[str, str] = FORGETFUL,
) -> Iterator[str]:
    """The URL of a new, empty, fast server that ends with the block, or with the process.

    What a killed process left behind is removed by the next. Raises `ServerError`.
    """
    base = _base()
    _sweep(base)
    root, owned = _new_root(base)
    try:
        process = start_process(Home.at(root), binaries=binaries, settings=settings, tied=True)
        try:
            yield _url(root)
        finally:
            _end(root)
            if process is not None:
                process.wait()
    finally:
        _remove(root)
        os.close(owned)


def _base() -> Path:
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a private directory in it
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ENOUGH_MEMORY
    return memory if roomy and os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


def _new_root(base: Path) -> tuple[Path, int]:
    """A new root, and the open lock on it that tells a sweep that its owner lives."""
    nameless = Path(tempfile.mkdtemp(prefix=".skillmeat-", dir=base))
    nameless.chmod(0o711)  # the server's user may have to pass; what is inside is private
    owned = os.open(nameless, os.O_RDONLY | os.O_CLOEXEC)
    fcntl.flock(owned, fcntl.LOCK_EX)
    # Named only now, since a sweep takes what it finds unlocked under the name.
    return nameless.rename(base / nameless.name.replace(".skillmeat-", _NAME, 1)), owned


def _sweep(base: Path) -> None:
    for root in base.glob(f"{_NAME}*"):
        with suppress(OSError):  # another user's, or still somebody's, or gone by now
            descriptor = os.open(root, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _end(root)
                _remove(root)
            finally:
                os.close(descriptor)


def _end(root: Path) -> None:
    data = Home.at(root).data
    if pid := postmaster(data):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
    else:
        end_orphans(data)


def _remove(root: Path) -> None:
    remove_socket_directory(Home.at(root))
    shutil.rmtree(root, ignore_errors=True)


def _url(root: Path) -> str:
    url = running_url(Home.at(root))
    if url is None:
        message = f"the throwaway server in {root} ended as soon as it had started"
        raise RuntimeError(message)
    return url
