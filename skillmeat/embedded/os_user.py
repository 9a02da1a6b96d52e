"""Which user of the operating system the server runs as.

PostgreSQL refuses to run as root, in containers the only user there is. So root starts it as
somebody else, and the question is who can reach the binaries and the data.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from skillmeat.errors import ServerError

_NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Identity:
    """The owner of the server's files, and how a command is made to run as that owner."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()
    drops: bool = False

    @property
    def user(self) -> int | None:
        """What `subprocess` is to set the user to, if anything; so below."""
        return self.uid if self.drops else None

    @property
    def group(self) -> int | None:
        """The group to set."""
        return self.gid if self.drops else None

    @property
    def extra_groups(self) -> tuple[()] | None:
        """The supplementary groups to set."""
        return () if self.drops else None

    def give(self, path: Path) -> None:
        """Make the server's user the owner of `path`."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def choose_identity(root: Path, data: Path, binaries: Path) -> Identity:
    """Who runs the server: whoever we are, or a stand-in for root that can reach all it needs.

    Data that exists decides by its owner. Raises `ServerError` where no stand-in will do.
    """
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid())
    for candidate in _stand_ins(root, data):
        if _reaches(candidate, root, binaries):
            return candidate
    message = (
        f"PostgreSQL does not run as root, and no other user can reach {root} and {binaries}: "
        "run this as an ordinary user, or move them and set SKILLMEAT_DATA_DIR"
    )
    raise ServerError(message)


def _stand_ins(root: Path, data: Path) -> Iterator[Identity]:
    owner = (data if data.exists() else root).stat()
    if owner.st_uid != 0:
        yield Identity(owner.st_uid, owner.st_gid, drops=True)
        yield _with_reach(owner.st_uid, owner.st_gid)
    elif data.exists():
        yield _namespace()
    else:
        # In this order because the files of nobody may be read by every service that is nobody.
        if postgres := _account("postgres"):
            yield postgres
        yield _namespace()
        nobody = _account("nobody") or Identity(_NOBODY, _NOBODY, drops=True)
        yield nobody
        yield _with_reach(nobody.uid, nobody.gid)


def _account(name: str) -> Identity | None:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    return Identity(found.pw_uid, found.pw_gid, drops=True)


def _namespace() -> Identity:
    """Root outside, nobody inside: the files are root's, and PostgreSQL sees no root."""
    words = ("unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}")
    return Identity(0, 0, words)


def _with_reach(uid: int, gid: int) -> Identity:
    """Another user who still passes root's closed directories.

    For containers, where root's home is closed to others and user namespaces are often forbidden.
    """
    user = (f"--reuid={uid}", f"--regid={gid}", "--clear-groups")
    reach = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    return Identity(uid, gid, ("setpriv", *user, *reach))


def _reaches(identity: Identity, root: Path, binaries: Path) -> bool:
    if identity.prefix and not shutil.which(identity.prefix[0]):
        return False
    script = 'cd "$1" && exec "$2" --version'
    try:
        attempt = subprocess.run(
            [*identity.prefix, "sh", "-c", script, "sh", root, binaries / "postgres"],
            check=False,
            capture_output=True,
            cwd="/",
            user=identity.user,
            group=identity.group,
            extra_groups=identity.extra_groups,
        )
    except OSError:
        return False
    return attempt.returncode == 0
