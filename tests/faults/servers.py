"""Servers that tests may kill, and how they are killed.

They run without fsync: kill -9 ends processes, not the kernel, so written pages stay in the page
cache. A commit is still written before it is acknowledged, because synchronous_commit stays on.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import Connection

import skillmeat
from skillmeat import embedded, migration
from skillmeat.embedded.initdb import DURABLE
from skillmeat.embedded.os_user import choose_os_user
from skillmeat.embedded.paths import ServerPaths
from skillmeat.embedded.processes import find_postmaster, kill_orphans
from tests.catalogue.sessions import eventually
from tests.embedded.conftest import copy_without_fsync

_DATABASE = "skillmeat"
_BETWEEN_CONNECTS = 0.01


@dataclass(frozen=True, slots=True)
class OwnServer:
    """A server with a migrated catalogue, and the URL of the catalogue."""

    root: Path
    url: str

    @contextmanager
    def session(self, *, autocommit: bool = True) -> Iterator[Connection]:
        """Yield a connection that the server may end during the block."""
        with closing(skillmeat.connect(self.url, autocommit=autocommit)) as conn:
            yield conn

    def start(self) -> None:
        """Start the server unless it runs, with crash recovery if needed."""
        embedded.start(self.root, binaries=chosen_binaries())

    def kill(self) -> None:
        """Kill every process of the server; unlike a power cut, this keeps the page cache."""
        pid = find_postmaster(self.root / "data")
        assert pid is not None, "the server does not run"
        os.kill(pid, signal.SIGKILL)
        kill_orphans(self.root / "data")

    def kill_process(self, pid: int) -> None:
        """Kill one process of the server, which ends all sessions, and wait until it is back."""
        with self.session() as witness:
            os.kill(pid, signal.SIGKILL)
            eventually(lambda: is_cut(witness))
        self.start()


@contextmanager
def own_server(root: Path, *, template: Path | None = None) -> Iterator[OwnServer]:
    """Yield a new server at `root` with an empty catalogue, stopped after the block.

    `template` is the root of a stopped server of the same binaries, to copy.
    """
    binaries = chosen_binaries() or embedded.find_binaries()
    try:
        if template is None:
            embedded.start(root, binaries=binaries, settings={**DURABLE, "fsync": "off"})
            embedded.stop(root)
        else:
            copy_without_fsync(template, root)
        _shrink_wal(root, binaries)
        url = embedded.ensure_database(embedded.start(root, binaries=binaries), _DATABASE)
        migration.upgrade(url=url)
        with skillmeat.connect(url, autocommit=True) as conn:
            # JIT compilation of the oracle would take longer than everything else.
            conn.execute("alter system set jit = off")
            conn.execute("select pg_reload_conf()")
        yield OwnServer(root, url)
    finally:
        embedded.stop(root)


def is_cut(conn: Connection) -> bool:
    """Return whether the server has ended the session."""
    with suppress(psycopg.errors.QueryCanceled):
        try:
            conn.execute("select 1")
        except psycopg.OperationalError:
            return True
    return False


def connect_with_retries(own: OwnServer) -> Connection:
    """Connect to a server that may still be starting."""
    while True:
        try:
            return skillmeat.connect(own.url, autocommit=True)
        except skillmeat.errors.CannotConnect:
            time.sleep(_BETWEEN_CONNECTS)


def _shrink_wal(root: Path, binaries: Path) -> None:
    """Set WAL segments of 1 MB: a test can then limit the size of files to little more."""
    home = ServerPaths.at(root)
    identity = choose_os_user(home.root, home.data, binaries)
    subprocess.run(
        [*identity.prefix, binaries / "pg_resetwal", "--wal-segsize=1", "-D", home.data],
        check=True,
        capture_output=True,
        cwd="/",
        user=identity.user,
        group=identity.group,
        extra_groups=identity.extra_groups,
    )


def chosen_binaries() -> Path | None:
    """Return the binaries that POSTGRES names, or None."""
    given = os.environ.get("POSTGRES", "")
    return Path(given) if given and (Path(given) / "postgres").is_file() else None
