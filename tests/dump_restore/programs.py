"""pg_dump, pg_restore and psql, of the major version of the server that the dump is restored to."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from skillmeat.embedded import find_binaries

Ran = subprocess.CompletedProcess[str]

NEEDED = ("pg_dump", "pg_dumpall", "pg_restore", "psql")
_DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Programs:
    """The client programs in a directory."""

    folder: Path

    def dump(self, url: str, target: Path, *options: str) -> Path:
        """Dump the database at `url` into the file or directory `target`."""
        _done(self._run("pg_dump", f"--dbname={url}", f"--file={target}", *options))
        return target

    def dump_roles(self, url: str, target: Path) -> Path:
        """Dump the roles of the server at `url`."""
        _done(self._run("pg_dumpall", f"--dbname={url}", f"--file={target}", "--globals-only"))
        return target

    def restore(self, url: str, dump: Path, *options: str) -> None:
        """Restore a dump with pg_restore; the first error fails the test."""
        _done(self._restore(url, dump, *options))

    def try_restore(self, url: str, dump: Path, *options: str) -> str:
        """Restore a dump with pg_restore, and return its error messages."""
        return self._restore(url, dump, *options).stderr

    def script(self, url: str, script: Path, *options: str, **environment: str) -> None:
        """Run an SQL script; the first error fails the test."""
        strict = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
        arguments = (*strict, *options, f"--file={script}", url)
        _done(self._run("psql", *arguments, **environment))

    def copy(self, rows: str, table: str, *, out: str, into: str, schema: str) -> None:
        """Copy rows of the catalogue at `out` to a table of another schema, through a pipe."""
        copied = self._copy(out, f"copy {rows} to stdout", "skillmeat")
        _done(copied)
        _done(self._copy(into, f"copy {table} from stdin", schema, given=copied.stdout))

    def _copy(self, url: str, command: str, schema: str, *, given: str = "") -> Ran:
        path = f"-c search_path={schema}"
        return self._run("psql", "--no-psqlrc", "-c", command, url, given=given, PGOPTIONS=path)

    def _restore(self, url: str, dump: Path, *options: str) -> Ran:
        return self._run("pg_restore", "--exit-on-error", f"--dbname={url}", *options, str(dump))

    def _run(self, program: str, *arguments: str, given: str = "", **environment: str) -> Ran:
        return subprocess.run(
            [self.folder / program, *arguments],
            check=False,
            input=given,
            capture_output=True,
            text=True,
            env=os.environ | environment,
        )


def programs_for(url: str) -> Programs:
    """Return the programs of the server's major version, or skip the test without them."""
    with psycopg.connect(url) as conn:
        major = conn.info.server_version // 10000
    for folder in _folders():
        if all((folder / name).is_file() for name in NEEDED) and _major(folder) == major:
            return Programs(folder)
    pytest.skip(f"no PostgreSQL {major} with pg_dump: install postgresql-client-{major}")


def _folders() -> Iterator[Path]:
    yield find_binaries()
    yield from _DEBIAN.glob("*/bin")
    yield from map(Path, os.get_exec_path())


def _major(folder: Path) -> int:
    answer = subprocess.run(
        [folder / "pg_dump", "--version"], check=True, capture_output=True, text=True
    ).stdout
    version = re.search(r"\(PostgreSQL\) (\d+)", answer)
    return int(version[1]) if version else 0


def _done(ran: Ran) -> None:
    assert ran.returncode == 0, ran.stderr
