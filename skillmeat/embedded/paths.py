"""The files of an embedded server, all under one root directory, and the locks on them.

root/
 +-- data/          the cluster; exists only once initdb has finished
 +-- initdb-…/      a cluster that is being created
 +-- socket/        the private directory of the unix socket, or a link to a shorter one
 +-- server.log     the server's log, and server.log.1 before that
 +-- start.lock     held by the process that is starting or stopping the server
 +-- alive.lock     held by the postmaster and its backends for as long as any of them lives
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from skillmeat.errors import ServerError


@dataclass(frozen=True, slots=True)
class ServerPaths:
    """The paths under one root."""

    root: Path

    @classmethod
    def at(cls, root: Path) -> "ServerPaths":
        """Resolve links and relative paths, so that one root has one name."""
        return cls(Path(os.path.realpath(root)))

    @property
    def data(self) -> Path:
        """The cluster's data directory."""
        return self.root / "data"

    @property
    def socket(self) -> Path:
        """The directory of the unix socket, or a link to it."""
        return self.root / "socket"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.root / "server.log"

    @property
    def start_lock(self) -> Path:
        """The lock of the process that is starting or stopping the server."""
        return self.root / "start.lock"

    @property
    def alive_lock(self) -> Path:
        """The lock of the postmaster and its backends."""
        return self.root / "alive.lock"

    def read_major_version(self) -> str | None:
        """Read the major version of PostgreSQL that made the cluster; None if there is none."""
        try:
            return (self.data / "PG_VERSION").read_text().strip()
        except (FileNotFoundError, NotADirectoryError):
            return None


def create_root(paths: ServerPaths) -> None:
    """Create the root, and refuse one that another user could tamper with."""
    paths.root.mkdir(parents=True, exist_ok=True)
    if os.geteuid() not in (0, paths.root.stat().st_uid) and paths.root.stat().st_uid != 0:
        message = (
            f"the data directory {paths.root} belongs to another user: "
            "set SKILLMEAT_DATA_DIR to a directory of yours"
        )
        raise ServerError(message)


@contextmanager
def translate_os_errors(root: Path) -> Iterator[None]:
    """Translate an OSError into a `ServerError` of one line with its cure."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            message = f"the disk of {root} is full: make room, or set SKILLMEAT_DATA_DIR"
        else:
            message = (
                f"the data directory {root} cannot be used ({error.strerror}: {error.filename}): "
                "set SKILLMEAT_DATA_DIR to a directory of yours"
            )
        raise ServerError(message) from error


# Locks of flock(2): the kernel releases one when the last process that inherited it ends. The
# library filelock neither hands its file on to a child nor refuses symbolic links.


@contextmanager
def hold_lock(path: Path) -> Iterator[None]:
    """Hold the lock `path` exclusively; wait for another process that holds it."""
    descriptor = open_private(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def try_lock(path: Path) -> int | None:
    """Open `path` and lock it until it is closed everywhere; None if another process holds it."""
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


def is_unlocked(path: Path) -> bool:
    """Return whether no process holds the lock `path` at this moment."""
    descriptor = try_lock(path)
    if descriptor is None:
        return False
    os.close(descriptor)
    return True


def open_private(path: Path, flags: int = os.O_RDWR) -> int:
    """Open or create a file that only the owner of its directory can read.

    Never follows a symbolic link, because root may work in a directory of another user.
    """
    descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        directory = path.parent.stat()
        os.fchown(descriptor, directory.st_uid, directory.st_gid)
    return descriptor
