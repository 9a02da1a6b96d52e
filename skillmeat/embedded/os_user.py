"""Choose the operating system's user that runs the server.

PostgreSQL refuses to run as root, and most containers have no other user. So root starts it as
another user, which can read the binaries and write the data.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from skillmeat.errors import ServerError

_OVERFLOW_ID = 65534


@dataclass(frozen=True, slots=True)
class OsUser:
    """The owner of the server's files, and how to run a command as that owner.

    `prefix` is put before the command. `is_switched` says that `subprocess` sets the user and the
    groups.
    """

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()
    is_switched: bool = False

    @property
    def user(self) -> int | None:
        """The user for `subprocess` to set, None to keep it."""
        return self.uid if self.is_switched else None

    @property
    def group(self) -> int | None:
        """The group to set, None to keep it."""
        return self.gid if self.is_switched else None

    @property
    def extra_groups(self) -> tuple[()] | None:
        """The supplementary groups to set, None to keep them."""
        return () if self.is_switched else None

    def chown(self, path: Path) -> None:
        """Make the server's user the owner of `path`, if this process is root."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def choose_os_user(root: Path, data: Path, binaries: Path) -> OsUser:
    """Return the user of this process or, for root, another user that can reach all it needs.

    If there is data, return its owner. Raises `ServerError` if no user is suitable.
    """
    if os.geteuid() != 0:
        return OsUser(os.geteuid(), os.getegid())
    for candidate in _list_candidates(root, data):
        if _can_run(candidate, root, binaries):
            return candidate
    message = (
        f"PostgreSQL does not run as root, and no other user can reach {root} and {binaries}: "
        "run this as an ordinary user, or move them and set SKILLMEAT_DATA_DIR"
    )
    raise ServerError(message)


def _list_candidates(root: Path, data: Path) -> Iterator[OsUser]:
    owner = (data if data.exists() else root).stat()
    if owner.st_uid != 0:
        yield OsUser(owner.st_uid, owner.st_gid, is_switched=True)
        yield _with_dac_override(owner.st_uid, owner.st_gid)
    elif data.exists():
        yield _user_namespace()
    else:
        # This account comes late: other services that run as it could read the files.
        if postgres := _find_account("postgres"):
            yield postgres
        yield _user_namespace()
        unprivileged = _find_account("nobody") or OsUser(  # codespell:ignore nobody
            _OVERFLOW_ID, _OVERFLOW_ID, is_switched=True
        )
        yield unprivileged
        yield _with_dac_override(unprivileged.uid, unprivileged.gid)


def _find_account(name: str) -> OsUser | None:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    return OsUser(found.pw_uid, found.pw_gid, is_switched=True)


def _user_namespace() -> OsUser:
    """Return root, running PostgreSQL as another user inside a user namespace of its own."""
    words = ("unshare", "--user", f"--map-user={_OVERFLOW_ID}", f"--map-group={_OVERFLOW_ID}")
    return OsUser(0, 0, words)


def _with_dac_override(uid: int, gid: int) -> OsUser:
    """Return another user that may still enter root's private directories.

    Containers need it: root's home is private there, and user namespaces are often forbidden.
    """
    user = (f"--reuid={uid}", f"--regid={gid}", "--clear-groups")
    reach = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    return OsUser(uid, gid, ("setpriv", *user, *reach))


def _can_run(os_user: OsUser, root: Path, binaries: Path) -> bool:
    if os_user.prefix and not shutil.which(os_user.prefix[0]):
        return False
    script = 'cd "$1" && exec "$2" --version'
    try:
        attempt = subprocess.run(
            [*os_user.prefix, "sh", "-c", script, "sh", root, binaries / "postgres"],
            check=False,
            capture_output=True,
            cwd="/",
            user=os_user.user,
            group=os_user.group,
            extra_groups=os_user.extra_groups,
        )
    except OSError:
        return False
    return attempt.returncode == 0
