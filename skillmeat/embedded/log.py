"""The server's log: kept small, and asked for the reason when a start fails."""

import os
from pathlib import Path

from skillmeat.embedded.file_locks import open_private

_LARGE = 10 * 1024 * 1024
_TELLING = ("FATAL:", "PANIC:", "ERROR:")
_ADDING = ("DETAIL:", "HINT:")
_USUAL = ("starting PostgreSQL", "listening on", "database system")


def open_log(log: Path) -> int:
    """A file to append to; one above ten megabytes is put aside, in place of the last put aside."""
    if log.exists() and log.stat().st_size > _LARGE:
        log.replace(log.with_name(f"{log.name}.1"))
    return open_private(log, os.O_WRONLY | os.O_APPEND)


def last_words(log: Path, since: int) -> str:
    """Why the server ended, in one line: its last complaint written after the byte `since`."""
    with log.open("rb") as file:
        file.seek(since)
        lines = file.read().decode(errors="replace").splitlines()
    for at in range(len(lines) - 1, -1, -1):
        if any(word in lines[at] for word in _TELLING):
            # What is wrong with a setting or a socket is said just before, as LOG or WARNING.
            before = [line for line in lines[:at][-2:] if not any(word in line for word in _USUAL)]
            after = [line for line in lines[at + 1 :] if any(word in line for word in _ADDING)]
            return " ".join(_without_prefix(line) for line in [*before, lines[at], *after])
    return lines[-1] if lines else f"nothing was written to {log}"


def _without_prefix(line: str) -> str:
    """The line without its time and pid."""
    for word in ("LOG:", "WARNING:", *_TELLING, *_ADDING):
        if word in line:
            return " ".join(line[line.index(word) :].split())
    return line
