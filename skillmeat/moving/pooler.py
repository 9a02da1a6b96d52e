"""PgBouncer's admin console: keep the clients of a database waiting, then lead them elsewhere."""

import json
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg import ClientCursor, Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import ExecStatus
from psycopg.rows import dict_row

from skillmeat.errors import DatabaseError, Retry, SkillMeatError, translate_errors
from skillmeat.settings.file_editing import edit_file

CONNECT_SECONDS: Final = "5"
PAUSE_SECONDS: Final = 0.4
# The parameters of a server, as PgBouncer's configuration names them.
PLACE: Final = ("host", "port", "dbname")
# Without an import before the end of its input, it takes no time from the pause.
RESUME_AT_EOF: Final = (
    "import sys; pooler = sys.stdin.read(); "
    "from skillmeat.moving.pooler import resume_after_kill; resume_after_kill(pooler)"
)


@dataclass(frozen=True, slots=True)
class Pooler:
    """One database of a PgBouncer: the URL of its console, its name, its configuration file.

    Without the file, the operator changes the configuration.
    """

    console: str
    database: str
    file: Path | None = None

    @contextmanager
    def hold_clients(self) -> Iterator[None]:
        """Keep the clients waiting during the block, between two transactions of theirs.

        Raises `Retry` if a transaction takes too long to end.
        """
        with self._watch():
            try:
                if not self._is_paused() and not self._pause():
                    message = (
                        f"transactions of {self.database} in PgBouncer do not end within 0.4 s"
                    )
                    raise Retry(message)
                yield
            finally:
                self.resume()

    def resume(self) -> None:
        """Let the clients go on, also those that an interrupted move has left waiting."""
        if self._is_paused():
            self._run(f"RESUME {_quote(self.database)}")

    def lead_to(self, conninfo: str) -> None:
        """Write the place of another server to the configuration, and reload it."""
        if self.file is not None:
            place = {key: str(value) for key, value in conninfo_to_dict(conninfo).items()}
            self._edit(self.file, {key: place[key] for key in PLACE})
            self._run("RELOAD")

    def refuse_unusable(self) -> None:
        """Raise `SkillMeatError` if it has no such database, or its file cannot be written."""
        if not self._find():
            message = (
                f"PgBouncer has no database {self.database!r}: name it by --pgbouncer-database"
            )
            raise SkillMeatError(message)
        if self.file is not None:
            self._edit(self.file, {})

    def _edit(self, file: Path, place: Mapping[str, str]) -> None:
        edit_file(
            file,
            lambda text: _replace_place(text, self.database, place, file=file),
            name="PgBouncer's configuration",
            remedy="correct --pgbouncer-ini",
        )

    @contextmanager
    def _watch(self) -> Iterator[None]:
        """Let another process resume the database if this one is killed during the block."""
        command = (sys.executable, "-c", RESUME_AT_EOF)
        # In a session of its own, which Ctrl-C does not end.
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, text=True, start_new_session=True
        ) as watch:
            try:
                if watch.stdin is not None:
                    watch.stdin.write(json.dumps((self.console, self.database)))
                    watch.stdin.flush()
                yield
            finally:
                watch.kill()

    def _is_paused(self) -> bool:
        return any(int(row["paused"]) for row in self._find())

    def _find(self) -> list[dict[str, str]]:
        try:
            rows = self._run("SHOW DATABASES")
        except DatabaseError as error:
            message = (
                f"--pgbouncer does not lead to the admin console of a PgBouncer: {error}: "
                "give its URL, with the database pgbouncer"
            )
            raise SkillMeatError(message) from error
        return [row for row in rows if row["name"] == self.database]

    def _pause(self) -> bool:
        """Pause the database; give up, and return False, if that takes too long."""
        # Closed without a COMMIT, for which a connection with a running command is not ready.
        with closing(self._connect()) as conn:
            conn.pgconn.send_query(f"PAUSE {_quote(self.database)}".encode())
            deadline = time.monotonic() + PAUSE_SECONDS
            while conn.pgconn.is_busy():
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([conn.pgconn.socket], [], [], left)[0]:
                    return False
                conn.pgconn.consume_input()
            result = conn.pgconn.get_result()
            if result is None or result.status == ExecStatus.FATAL_ERROR:
                reason = conn.pgconn.error_message.decode().strip()
                message = f"PgBouncer cannot pause {self.database}: {reason}"
                raise SkillMeatError(message)
        return True

    def _run(self, command: str) -> list[dict[str, str]]:
        with translate_errors(), self._connect() as conn:
            # The console knows the simple protocol only.
            cursor = ClientCursor(conn, row_factory=dict_row)
            cursor.execute(command.encode())
            return cursor.fetchall() if cursor.description else []

    def _connect(self) -> Connection:
        defaults = {"dbname": "pgbouncer", "connect_timeout": CONNECT_SECONDS}
        given = {**defaults, **conninfo_to_dict(self.console)}
        return psycopg.connect(make_conninfo("", **given), autocommit=True)


def resume_after_kill(pooler: str) -> None:
    """Resume a database, given as the JSON of its console and its name, if the console answers."""
    with suppress(SkillMeatError):
        Pooler(*json.loads(pooler)).resume()


def _replace_place(text: str, database: str, place: Mapping[str, str], *, file: Path) -> str:
    """Return the text with another place in the line of a database, and no other change."""
    entry = _find_entry(file, text, database)
    line = entry["parameters"]
    for key, value in place.items():
        quoted = f"{key}='{value.replace(chr(39), chr(39) * 2)}'"
        line, found = re.subn(rf"(?<!\w){key}\s*=\s*('(?:[^']|'')*'|\S*)", lambda _: quoted, line)  # noqa: B023
        if not found:
            line = f"{line.rstrip()} {quoted}"
    return text[: entry.start("parameters")] + line + text[entry.end("parameters") :]


def _find_entry(file: Path, text: str, database: str) -> re.Match[str]:
    """Find the line of a database in the section [databases]."""
    section = re.search(
        r"^\s*\[databases\]\s*$(?P<lines>.*?)(?=^\s*\[|\Z)", text, re.MULTILINE | re.DOTALL
    )
    if section is not None:
        name = f'(?:{re.escape(database)}|"{re.escape(database)}")'
        line = re.compile(rf"^[ \t]*{name}[ \t]*=[ \t]*(?P<parameters>.*)$", re.MULTILINE)
        found = line.search(text, section.start("lines"), section.end("lines"))
        if found is not None:
            return found
    message = f"{file} has no line for {database} in its section [databases]: correct the file"
    raise SkillMeatError(message)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
