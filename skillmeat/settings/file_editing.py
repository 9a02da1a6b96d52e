"""Change the configuration file of another program, such as libpq or PgBouncer."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from skillmeat.errors import SkillMeatError


def edit_file(path: Path, change: Callable[[str], str], *, name: str, remedy: str) -> None:
    """Change the text of a file in one step; create the file if it is missing.

    Every reader finds the old file or the new one, which keeps its owner, its mode and its bytes
    that are not UTF-8. A file behind a symbolic link stays there. Writers that call this wait for
    each other. Raises `SkillMeatError`, with the name of the file and the remedy.
    """
    try:
        target = path.resolve()
        with _lock_folder(target.parent):
            old = target.stat() if target.exists() else None
            if old is not None and not (old.st_mode & 0o200 and os.access(target, os.W_OK)):
                message = f"{name} {path} is read-only: make it writable"
                raise SkillMeatError(message)
            text = b"" if old is None else target.read_bytes()
            new = change(text.decode("utf-8", "surrogateescape"))
            _replace_file(target, new.encode("utf-8", "surrogateescape"), like=old)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"{name} {path} cannot be written: {reason}: {remedy}"
        raise SkillMeatError(message) from error


@contextmanager
def _lock_folder(folder: Path) -> Iterator[None]:
    """Keep other writers of this module out: the file itself is replaced, so it takes no lock."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace_file(target: Path, content: bytes, *, like: os.stat_result | None) -> None:
    """Replace a file in one step, with its mode and its owner; a new one is the user's alone."""
    prefix = f".{target.name}."
    with tempfile.NamedTemporaryFile(prefix=prefix, dir=target.parent, delete=False) as new:
        try:
            if like is not None:
                os.fchown(new.fileno(), like.st_uid, like.st_gid)
                os.fchmod(new.fileno(), like.st_mode & 0o7777)
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
            Path(new.name).rename(target)
        except BaseException:
            # An interruption may come after the exchange.
            Path(new.name).unlink(missing_ok=True)
            raise
