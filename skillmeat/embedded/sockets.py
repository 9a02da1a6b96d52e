"""The directory of the unix socket: private to the server's user, short enough for the kernel."""

import os
import shutil
import stat
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from skillmeat.embedded.os_user import OsUser
from skillmeat.embedded.paths import ServerPaths
from skillmeat.embedded.urls import PORT

SOCKET_NAME = f".s.PGSQL.{PORT}"

# sockaddr_un holds 104 bytes on macOS and 108 on Linux, a terminating zero among them.
_LONGEST_SOCKET_DIRECTORY = 103 - len(f"/{SOCKET_NAME}")


def find_socket_directory(paths: ServerPaths) -> Path | None:
    """Return the private directory of the socket; None if there is none that can be trusted."""
    try:
        directory = paths.socket.readlink() if paths.socket.is_symlink() else paths.socket
        # A root that was copied or moved here may still link to the original's socket.
        if directory != _directory_in_root(paths) and not directory.name.startswith(
            _name_outside_root(paths)
        ):
            return None
        return directory if _is_private(directory, paths.data.stat().st_uid) else None
    except (FileNotFoundError, NotADirectoryError):
        return None


def create_socket_directory(paths: ServerPaths, os_user: OsUser) -> Path:
    """Return the private directory of the socket; create it unless a trusted one exists.

    A path can be too long for a socket, or contain a comma, at which libpq splits hosts. Then the
    directory has an unguessable name outside the root, and the root a link to it.
    """
    if trusted := find_socket_directory(paths):
        return trusted
    if paths.socket.is_symlink():
        paths.socket.unlink()
    elif paths.socket.exists():
        shutil.rmtree(paths.socket)
    directory = _directory_in_root(paths)
    if directory is None:
        temporary = _short_temporary_directory(paths)
        directory = Path(tempfile.mkdtemp(prefix=_name_outside_root(paths), dir=temporary))
        paths.socket.symlink_to(directory)
    else:
        directory.mkdir(mode=0o700)
    os_user.chown(directory)
    return directory


def remove_socket_directory(paths: ServerPaths) -> None:
    """Remove the directory outside the root, if there is one, of a server that has ended."""
    if paths.socket.is_symlink() and (directory := find_socket_directory(paths)):
        with suppress(OSError):  # a killed server left its socket in it: the next one uses it
            directory.rmdir()


def _is_private(directory: Path, owner: int) -> bool:
    found = directory.lstat()
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == owner
        and not stat.S_IMODE(found.st_mode) & 0o77
    )


def _directory_in_root(paths: ServerPaths) -> Path | None:
    """Return the directory in the root; None if libpq or the kernel could not use it."""
    path = os.fsencode(paths.socket)
    return paths.socket if len(path) <= _LONGEST_SOCKET_DIRECTORY and b"," not in path else None


def _name_outside_root(paths: ServerPaths) -> str:
    return f"skillmeat-{sha256(os.fsencode(paths.root)).hexdigest()[:8]}-"


def _short_temporary_directory(paths: ServerPaths) -> str:
    chosen = tempfile.gettempdir()
    name_length = len(f"/{_name_outside_root(paths)}") + len("random_8")
    fits = len(os.fsencode(chosen)) + name_length <= _LONGEST_SOCKET_DIRECTORY
    return chosen if fits and "," not in chosen else "/tmp"  # noqa: S108 - mkdtemp makes it private
