"""Opens somebody else's SQLite file so that nothing changes, not even a file beside it."""
# Strings, not Paths: SQLite takes them.
# ruff: noqa: PTH110, PTH118, PTH123, PTH202

import os
import re
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Final
from urllib.parse import quote

from skillmeat.errors import SourceError
from skillmeat.importer.readers.text import escape

SECONDS_TO_WAIT: Final = 3.0

_MAGIC = b"SQLite format 3\x00"
_HEADER = 100
_WRITE_VERSION = 18
_WAL = 2
# What is wrong with rows, and not with the file.
_ABOUT_ROWS = re.compile(r"NULL value in |CHECK constraint failed in |non-unique |\w+ value in ")


@contextmanager
def opened(path: str, *, wait: float = SECONDS_TO_WAIT) -> Iterator[sqlite3.Connection]:
    """A connection that reads one state of the file at `path`, and writes nothing.

    Waits `wait` seconds for whoever has locked it. Raises `SourceError` where it is locked,
    corrupt or no database, also while it is being read.
    """
    named = escape(path)
    # SQLite keeps what is not checkpointed yet beside the file itself, not beside a link to it.
    path = os.path.realpath(path)
    try:
        with _connection(path, wait) as conn:
            yield conn
    except OSError as error:
        message = f"{named} cannot be read: {error.strerror or error}"
        raise SourceError(message) from None
    except sqlite3.Error as error:
        raise SourceError(_why(named, error)) from None
    except UnicodeDecodeError:
        # What SQLite complains of is garbage, and its complaint quotes it.
        raise SourceError(_why(named, sqlite3.DatabaseError("garbled schema"))) from None


@contextmanager
def _connection(path: str, wait: float) -> Iterator[sqlite3.Connection]:
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
        message = f"{escape(path)} is no file: name SkillMeat's cache.db"
        raise SourceError(message)
    header = _header(path)
    if header[_WRITE_VERSION] != _WAL:
        if _size(path + "-journal"):
            # Half a transaction, unless somebody is writing just now.
            with _unless_refused(path, wait) as conn:
                yield conn
        else:
            with _reading(_uri(path, "mode=ro"), wait) as conn:
                yield conn
    elif not _size(path + "-wal"):
        # Opened as usual, SQLite would make two files beside it.
        before = _state(path)
        with _reading(_uri(path, "immutable=1"), wait) as conn:
            yield conn
        if _state(path) != before or _size(path + "-wal"):
            message = f"{escape(path)} changed while it was read: run it again"
            raise SourceError(message)
    elif os.path.exists(path + "-shm"):
        # Without leave to write SQLite reads that file, too, as it is.
        with _unless_refused(path, wait, "mode=ro&readonly_shm=1") as conn:
            yield conn
    else:
        with _copied(path, wait) as conn:
            yield conn


@contextmanager
def _unless_refused(path: str, wait: float, how: str = "mode=ro") -> Iterator[sqlite3.Connection]:
    """The file itself, or a copy where it needs a recovery that would write to it."""
    uri = _uri(path, how)
    if _answers(uri, wait):
        with _reading(uri, wait) as conn:
            yield conn
    else:
        with _copied(path, wait) as conn:
            yield conn


def _answers(uri: str, wait: float) -> bool:
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=wait)) as conn:
            conn.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        # The first byte of an extended code is the code.
        if (error.sqlite_errorcode & 0xFF) in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            return False
        raise
    return True


@contextmanager
def _copied(path: str, wait: float) -> Iterator[sqlite3.Connection]:
    with tempfile.TemporaryDirectory(prefix="skillmeat-import-") as folder:
        copy = os.path.join(folder, "cache.db")
        shutil.copyfile(path, copy)
        for ending in ("-wal", "-journal"):
            if _size(path + ending):
                shutil.copyfile(path + ending, copy + ending)
        with _reading(_uri(copy, "mode=rw"), wait) as conn:
            yield conn


@contextmanager
def _reading(uri: str, wait: float) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(uri, uri=True, timeout=wait, isolation_level=None)) as conn:
        conn.text_factory = partial(str, encoding="utf-8", errors="replace")
        conn.execute("begin")
        # A row that an index lacks would be missing here as well. What is about rows must not use
        # up the number of complaints.
        for (found,) in conn.execute("pragma integrity_check(2147483647)"):
            if found != "ok" and not _ABOUT_ROWS.match(found):
                raise sqlite3.DatabaseError(found)
        yield conn


def _header(path: str) -> bytes:
    with open(path, "rb") as file:
        header = file.read(_HEADER)
    if len(header) < _HEADER or not header.startswith(_MAGIC):
        message = "file is not a database"
        raise sqlite3.DatabaseError(message)
    return header


def _state(path: str) -> tuple[int, int, bytes]:
    status = os.stat(path)  # noqa: PTH116
    return status.st_size, status.st_mtime_ns, _header(path)


def _size(path: str) -> int:
    return os.path.getsize(path) if os.path.isfile(path) else 0  # noqa: PTH113


def _uri(path: str, how: str) -> str:
    return f"file:{quote(os.fsencode(os.path.abspath(path)))}?{how}"  # noqa: PTH100


_REASONS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (
        lambda code: code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED),
        "is locked by another program: stop SkillMeat or wait until it has written, then run again",
    ),
    (
        lambda code: code == sqlite3.SQLITE_NOTADB,
        "is no SQLite database: name SkillMeat's cache.db",
    ),
)


def _why(named: str, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    reason = escape(" ".join(str(error).split()))
    if code is None and reason == "file is not a database":
        code = sqlite3.SQLITE_NOTADB
    if code is not None:
        for is_it, meaning in _REASONS:
            if is_it(code & 0xFF):
                return f"{named} {meaning}"
        if code & 0xFF == sqlite3.SQLITE_CANTOPEN:
            return f"{named} cannot be opened: {reason}"
    return f"{named} is corrupt ({reason}): restore a backup of it, or let SkillMeat rebuild it"
