"""Safe access to files of untrusted sources: no read hangs, and no link leads outside."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH116, PTH118, PTH120

import errno
import os
import stat

from skillmeat.importer.readers.model import SourceReadError
from skillmeat.importer.readers.text import escape, is_storable

OUTSIDE = "leads outside, so it is not followed"
WRITTEN_LINK = "is a link that was checked out as a text file"
LARGEST_FILE = 10 * 1024 * 1024
_TOO_LARGE = "is larger than 10 MiB"
_LOOP = "is a symlink loop"
IS_FOLDER = "is a folder, not a file"
IS_EMPTY = "is an empty folder"

_LONGEST_LINK = 256

# What the user can do about each reason.
ADVICE = {
    _LOOP: "remove the link",
    IS_FOLDER: "give it another name",
    # Git keeps no empty folders, but a submodule that is not checked out is one.
    IS_EMPTY: "check out its git submodule with `git submodule update --init`, or remove it",
    "is missing, or a broken link": "correct or remove the link",
    "is a file, not a folder": "remove it, or make it a folder",
}
_NOT_UTF8 = "is not UTF-8"


class UnreadableError(SourceReadError):
    """A file or folder that is skipped."""


def list_entries(folder: str) -> list[os.DirEntry[str]]:
    """Return the entries of `folder`, the links last. Raises `UnreadableError`.

    Links come last, so that a file keeps its own path. Else the order is that of code points.
    """
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: (entry.is_symlink(), entry.name))
    except OSError as error:
        raise _explain(error) from None


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether the entry itself is a folder, and not a link to one."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def is_empty(folder: str) -> bool:
    """Return whether the folder can be listed, and holds nothing."""
    try:
        return not list_entries(folder)
    except UnreadableError:
        return False


def exists(path: str) -> bool:
    """Return whether the path exists; a broken link exists too. Raises `UnreadableError`."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _explain(error) from None
    return True


def join_inside(path: str, root: str) -> str:
    """Join `root` and `path` without access to the disk.

    Raises `UnreadableError` if `..` leads out of `root`.
    """
    if not is_storable(path):
        message = "is not a valid path"
        raise UnreadableError(message, escape(path)[:80], "remove what no file name has")
    joined = os.path.normpath(os.path.join(root, path))
    if not _is_inside(joined, root):
        raise UnreadableError(OUTSIDE, advice="name a path inside")
    return joined


def resolve_inside(path: str, *roots: str) -> str:
    """Resolve the links in `path`. Raises `UnreadableError` unless it exists and is in a root."""
    try:
        real = os.path.realpath(path, strict=True)
    except OSError as error:
        raise _explain(error) from None
    if not any(_is_inside(real, root) for root in roots):
        raise UnreadableError(OUTSIDE, escape(real), "import that path too")
    return real


def read_written_link(path: str) -> str | None:
    """Return the path that a text file holds in place of a link, or None if it is another file.

    Without symlinks, git and some archivers write the target of a link into a file.
    """
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size < _LONGEST_LINK:
            return None
        target = os.path.join(os.path.dirname(path), os.fsdecode(read_file(path)))
        return target if os.path.lexists(target) else None
    except (OSError, ValueError, UnreadableError):
        return None


def check_loop(link: str, real: str) -> None:
    """Raise `UnreadableError` if the link leads to a folder that it is in itself."""
    if _is_inside(os.path.realpath(os.path.dirname(link)), real):
        raise UnreadableError(_LOOP, advice=ADVICE[_LOOP])


def read_file(path: str) -> bytes:
    """Return the bytes of a regular file of at most 10 MiB. Raises `UnreadableError`."""
    try:
        # Check before opening: opening a FIFO or a device may hang or have side effects.
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableError(IS_FOLDER, advice=ADVICE[IS_FOLDER])
        if not stat.S_ISREG(status.st_mode):
            message = "is not a regular file"
            raise UnreadableError(message, advice="replace it with a file")
        if status.st_size > LARGEST_FILE:
            detail = f"it has {status.st_size / 1024 / 1024:.1f} MiB"
            raise UnreadableError(_TOO_LARGE, detail, "make it smaller")
        # An import may read 100,000 files, and a file object costs as much as the read itself.
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            data = os.read(file, status.st_size)
        finally:
            os.close(file)
    except OSError as error:
        raise _explain(error) from None
    if not data.strip():
        message = "is empty"
        raise UnreadableError(message, advice="write it, or remove it")
    return data


def decode_text(data: bytes) -> str:
    """Decode UTF-8 and drop the byte order mark. Raises `UnreadableError`."""
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        detail = f"byte {error.start + 1} is 0x{data[error.start]:02x}"
        raise UnreadableError(_NOT_UTF8, detail, "save the file as UTF-8") from None


def _is_inside(path: str, root: str) -> bool:
    return path == root or path.startswith(os.path.join(root, ""))


def _explain(error: OSError) -> UnreadableError:
    reasons = {
        errno.ELOOP: _LOOP,
        errno.ENOENT: "is missing, or a broken link",
        errno.ENOTDIR: "is a file, not a folder",
    }
    reason = reasons.get(error.errno or 0)
    if reason:
        return UnreadableError(reason, advice=ADVICE[reason])
    reason = f"cannot be read: {error.strerror or 'input/output error'}"
    return UnreadableError(reason, advice="let this user read it")
