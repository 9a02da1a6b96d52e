"""Read-only access to another program's SQLite file; no file is changed, not even beside it."""
# Strings, not Paths: SQLite takes them.
# ruff: noqa: PTH110, PTH118, PTH123, PTH202

import os
import re
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Final
from urllib.parse import quote

from skillmeat.errors import SourceError
from skillmeat.importer.readers.text import escape

MAGIC: Final = b"SQLite format 3\x00"
_SECONDS_TO_WAIT: Final = 3.0
_HEADER = 100
_WRITE_VERSION = 18
_WAL = 2
# The messages of `integrity_check` about rows, and not about the file.
_ABOUT_ROWS = re.compile(r"NULL value in |CHECK constraint failed in |non-unique |\w+ value in ")


@contextmanager
def open_read_only(path: str) -> Iterator[sqlite3.Connection]:
    """Yield a connection that reads one snapshot of the file at `path`, and writes nothing.

    Waits 3 seconds for a lock. Raises `SourceError` if the file is locked, corrupt or not a
    database, at the start or during the reading.
    """
    named = escape(path)
    # SQLite keeps the WAL and the journal beside the file itself, not beside a link to it.
    path = os.path.realpath(path)
    try:
        with _connect(path) as conn:
            yield conn
    except OSError as error:
        message = f"{named} cannot be read: {error.strerror or error}"
        raise SourceError(message) from None
    except sqlite3.Error as error:
        raise SourceError(_explain(named, error)) from None
    except UnicodeDecodeError:
        # SQLite's message quotes bytes of the file that are not UTF-8.
        raise SourceError(_explain(named, sqlite3.DatabaseError("garbled schema"))) from None


@contextmanager
def _connect(path: str) -> Iterator[sqlite3.Connection]:
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
        message = f"{escape(path)} is not a file: name SkillMeat's cache.db"
        raise SourceError(message)
    header = _read_header(path)
    if header[_WRITE_VERSION] != _WAL:
        if _get_size(path + "-journal"):
            # The journal is half a transaction, unless another program is writing now.
            with _open_or_copy(path) as conn:
                yield conn
        else:
            with _open(_make_uri(path, "mode=ro")) as conn:
                yield conn
    elif not _get_size(path + "-wal"):
        # Without `immutable=1`, SQLite would create two files beside the file.
        before = _read_state(path)
        with _open(_make_uri(path, "immutable=1")) as conn:
            yield conn
        if _read_state(path) != before or _get_size(path + "-wal"):
            message = f"{escape(path)} changed while it was read: run it again"
            raise SourceError(message)
    elif os.path.exists(path + "-shm"):
        # With `readonly_shm=1`, SQLite reads the -shm file without writing to it.
        with _open_or_copy(path, "mode=ro&readonly_shm=1") as conn:
            yield conn
    else:
        with _open_copy(path) as conn:
            yield conn


@contextmanager
def _open_or_copy(path: str, how: str = "mode=ro") -> Iterator[sqlite3.Connection]:
    """Open the file itself, or a copy if it needs a recovery that would write to the file."""
    uri = _make_uri(path, how)
    if _can_open(uri):
        with _open(uri) as conn:
            yield conn
    else:
        with _open_copy(path) as conn:
            yield conn


def _can_open(uri: str) -> bool:
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=_SECONDS_TO_WAIT)) as conn:
            conn.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        # The lowest byte of an extended error code is the primary error code.
        if (error.sqlite_errorcode & 0xFF) in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            return False
        raise
    return True


@contextmanager
def _open_copy(path: str) -> Iterator[sqlite3.Connection]:
    with tempfile.TemporaryDirectory(prefix="skillmeat-import-") as folder:
        copy = os.path.join(folder, "cache.db")
        shutil.copyfile(path, copy)
        for ending in ("-wal", "-journal"):
            if _get_size(path + ending):
                shutil.copyfile(path + ending, copy + ending)
        with _open(_make_uri(copy, "mode=rw")) as conn:
            yield conn


@contextmanager
def _open(uri: str) -> Iterator[sqlite3.Connection]:
    with closing(
        sqlite3.connect(uri, uri=True, timeout=_SECONDS_TO_WAIT, isolation_level=None)
    ) as conn:
        conn.text_factory = partial(str, encoding="utf-8", errors="replace")
        conn.execute("begin")
        # If an index lacks a row, a query by that index would miss it. The limit is the largest
        # possible, because messages about rows count against it.
        for (found,) in conn.execute("pragma integrity_check(2147483647)"):
            if found != "ok" and not _ABOUT_ROWS.match(found):
                raise sqlite3.DatabaseError(found)
        yield conn


def _read_header(path: str) -> bytes:
    with open(path, "rb") as file:
        header = file.read(_HEADER)
    if len(header) < _HEADER or not header.startswith(MAGIC):
        message = "file is not a database"
        raise sqlite3.DatabaseError(message)
    return header


def _read_state(path: str) -> tuple[int, int, bytes]:
    status = os.stat(path)  # noqa: PTH116
    return status.st_size, status.st_mtime_ns, _read_header(path)


def _get_size(path: str) -> int:
    return os.path.getsize(path) if os.path.isfile(path) else 0  # noqa: PTH113


def _make_uri(path: str, how: str) -> str:
    return f"file:{quote(os.fsencode(os.path.abspath(path)))}?{how}"  # noqa: PTH100


def _explain(name: str, error: sqlite3.Error) -> str:
    reason = escape(" ".join(str(error).split()))
    # The lowest byte of an extended error code is the primary error code. An error that this module
    # raises has no code.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return (
            f"{name} is locked by another program: "
            "stop SkillMeat or wait until it has written, then run again"
        )
    if code == sqlite3.SQLITE_NOTADB or reason == "file is not a database":
        return f"{name} is not a SQLite database: name SkillMeat's cache.db"
    if code == sqlite3.SQLITE_CANTOPEN:
        return f"{name} cannot be opened: {reason}"
    return f"{name} is corrupt ({reason}): restore a backup of it, or let SkillMeat rebuild it"
