"""The unix socket's directory: private to the server's user, and short enough for the kernel."""

import os
import shutil
import stat
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from skillmeat.embedded.os_user import Identity
from skillmeat.embedded.paths import Home
from skillmeat.embedded.urls import PORT

SOCKET_NAME = f".s.PGSQL.{PORT}"

# sockaddr_un holds 104 bytes on macOS and 108 on Linux, a terminating zero among them.
_LONGEST_SOCKET_DIRECTORY = 103 - len(f"/{SOCKET_NAME}")


def socket_directory(home: Home) -> Path | None:
    """The private directory of the socket; None where there is none that can be trusted."""
    try:
        directory = home.socket.readlink() if home.socket.is_symlink() else home.socket
        # Made for a root that was copied or moved here: it may lead to the original's server.
        if directory != _place(home) and not directory.name.startswith(_name_elsewhere(home)):
            return None
        return directory if _is_private(directory, home.data.stat().st_uid) else None
    except (FileNotFoundError, NotADirectoryError):
        return None


def make_socket_directory(home: Home, identity: Identity) -> Path:
    """The private directory of the socket, created unless it is there and can be trusted.

    A path too long for a socket, or with a comma, at which libpq splits hosts, gets a directory
    of an unguessable name elsewhere and a link to it.
    """
    if trusted := socket_directory(home):
        return trusted
    if home.socket.is_symlink():
        home.socket.unlink()
    elif home.socket.exists():
        shutil.rmtree(home.socket)
    directory = _place(home)
    if directory is None:
        temporary = _short_temporary_directory(home)
        directory = Path(tempfile.mkdtemp(prefix=_name_elsewhere(home), dir=temporary))
        home.socket.symlink_to(directory)
    else:
        directory.mkdir(mode=0o700)
    identity.give(directory)
    return directory


def remove_socket_directory(home: Home) -> None:
    """Leave nothing outside the root behind a server that has ended."""
    if home.socket.is_symlink() and (directory := socket_directory(home)):
        with suppress(OSError):  # a server that was killed left its socket in it: used again later
            directory.rmdir()


def _is_private(directory: Path, owner: int) -> bool:
    found = directory.lstat()
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == owner
        and not stat.S_IMODE(found.st_mode) & 0o77
    )


def _place(home: Home) -> Path | None:
    """The directory in the root, or None where libpq or the kernel could not use it."""
    path = os.fsencode(home.socket)
    return home.socket if len(path) <= _LONGEST_SOCKET_DIRECTORY and b"," not in path else None


def _name_elsewhere(home: Home) -> str:
    return f"skillmeat-{sha256(os.fsencode(home.root)).hexdigest()[:8]}-"


def _short_temporary_directory(home: Home) -> str:
    chosen = tempfile.gettempdir()
    name_length = len(f"/{_name_elsewhere(home)}") + len("random_8")
    fits = len(os.fsencode(chosen)) + name_length <= _LONGEST_SOCKET_DIRECTORY
    return chosen if fits and "," not in chosen else "/tmp"  # noqa: S108 - mkdtemp makes it private
