"""Advisory file locks, which the kernel lets go of when the last process that holds them ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold `path` exclusively, waiting for whoever holds it now."""
    descriptor = open_private(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def try_hold(path: Path) -> int | None:
    """An open file that holds `path` until it is closed everywhere, or None if another holds it."""
    descriptor = open_private(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_free(path: Path) -> bool:
    """Whether nobody holds `path` at this moment."""
    descriptor = try_hold(path)
    if descriptor is None:
        return False
    os.close(descriptor)
    return True


def open_private(path: Path, flags: int = os.O_RDWR) -> int:
    """Open or create a file that only the owner of its directory can read.

    Never follows a symbolic link: root may be at work in a directory of somebody else.
    """
    descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        directory = path.parent.stat()
        os.fchown(descriptor, directory.st_uid, directory.st_gid)
    return descriptor
