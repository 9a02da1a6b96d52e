"""Where an embedded server keeps what it needs: everything under one root directory.

root/
 +-- data/          the cluster; there only once initdb has finished
 +-- initdb-…/      a cluster in the making
 +-- socket/        the private directory of the unix socket, or a link to a shorter one
 +-- server.log     what the server said, and server.log.1 before that
 +-- start.lock     held by whoever is starting or stopping the server
 +-- alive.lock     held by the postmaster and its backends for as long as any of them lives
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from skillmeat.errors import ServerError


@dataclass(frozen=True, slots=True)
class Home:
    """The paths under one root."""

    root: Path

    @classmethod
    def at(cls, root: Path) -> "Home":
        """The home at `root`, the same one by whatever links and relative paths it is named."""
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
        """Held by whoever is starting or stopping the server."""
        return self.root / "start.lock"

    @property
    def alive_lock(self) -> Path:
        """Held by the postmaster and its backends for as long as any of them lives."""
        return self.root / "alive.lock"

    def major_version(self) -> str | None:
        """The major version of PostgreSQL that made the cluster; None before the first start."""
        try:
            return (self.data / "PG_VERSION").read_text().strip()
        except (FileNotFoundError, NotADirectoryError):
            return None


def make_root(home: Home) -> None:
    """Create the root, and refuse one that another user could tamper with."""
    home.root.mkdir(parents=True, exist_ok=True)
    if os.geteuid() not in (0, home.root.stat().st_uid) and home.root.stat().st_uid != 0:
        message = (
            f"the data directory {home.root} belongs to another user: "
            "set SKILLMEAT_DATA_DIR to a directory of yours"
        )
        raise ServerError(message)


@contextmanager
def explaining(root: Path) -> Iterator[None]:
    """Turn a refusal of the file system into a line that says what to do about it."""
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
