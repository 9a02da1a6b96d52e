"""The instructions and the WAL of one change, counted by callgrind: they depend on no machine."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from psycopg.sql import SQL, Identifier

from benchmarks import server
from benchmarks.rounds import CONSOLE
from benchmarks.writes.pgbench import LOOK
from benchmarks.writes.profile import ONE
from benchmarks.writes.variants import (
    OURS,
    ROW,
    UNCOUNTED,
    VARIANTS,
    Variant,
    VariantDatabase,
    fill,
)
from skillmeat import connect, embedded, migration
from skillmeat.embedded.os_user import OsUser, choose_os_user
from skillmeat.errors import CannotConnect, ServerError

VALGRIND: Final = shutil.which("valgrind")

# Nothing but the change itself writes WAL or takes instructions.
SETTINGS: Final = {"autovacuum": "off", "full_page_writes": "off", "fsync": "off"}
ARTIFACTS: Final = 500

# psycopg prepares each at once, and PostgreSQL plans it five times before it keeps a plan.
WARM: Final = 15
COUNTED: Final = 20

NEXT: Final = "(select 'skill:a' || nextval('turn'))"
OPERATIONS: Final[Mapping[str, str]] = {
    "a membership is added": ONE,
    "a membership is deleted": (
        f"delete from collection_artifacts where collection_id = 'default' and artifact_id = {NEXT}"
    ),
    "a membership is moved": (
        "update collection_artifacts set collection_id = 'c1' "
        f"where collection_id = 'default' and artifact_id = {NEXT}"
    ),
    "an artifact is deleted": f"delete from artifacts where id = {NEXT}",
}
LONE: Final = next(iter(OPERATIONS))
COMPARED: Final = (UNCOUNTED, ROW, OURS)


@dataclass(frozen=True, slots=True)
class Work:
    """The instructions of the backend and the bytes of WAL of one operation in autocommit."""

    instructions: float
    wal: float


def count_instructions() -> dict[str, dict[str, Work]]:
    """Count the work of each operation by each compared variant, in a warm backend.

    Raises `ServerError` if valgrind is not installed.
    """
    if VALGRIND is None:
        message = "valgrind is not installed: install it, or run without --instructions"
        raise ServerError(message)
    variants = [each for each in VARIANTS if each.name in COMPARED]
    found: dict[str, dict[str, Work]] = {operation: {} for operation in OPERATIONS}
    with tempfile.TemporaryDirectory(prefix="skillmeat-callgrind-") as folder:
        root = Path(folder) / "server"
        url = embedded.start(root, settings=SETTINGS)
        try:
            _create_databases(url, variants)
        finally:
            embedded.stop(root)
        with _start_callgrind(root) as (url, counts):
            for each in variants:
                own = embedded.replace_database(url, each.database)
                with connect(own, autocommit=True) as conn:
                    database = VariantDatabase(own, each, ARTIFACTS, conn)
                    for operation, statement in OPERATIONS.items():
                        CONSOLE.print(f"instructions: {operation}, {each.name}")
                        database.reset(with_members=True)
                        found[operation][each.name] = _count(database, statement, counts)
    return found


def _create_databases(url: str, variants: Iterable[Variant]) -> None:
    with connect(url, schema="public", autocommit=True) as admin:
        admin.execute("create database template")
        template = embedded.replace_database(url, "template")
        migration.upgrade(url=template)
        with connect(template, autocommit=True) as conn:
            fill(conn, ARTIFACTS)
        for each in variants:
            name = Identifier(each.database)
            admin.execute(SQL("create database {} template template").format(name))
            own = embedded.replace_database(url, each.database)
            with connect(own, autocommit=True) as conn:
                server.install_baselines(conn, *each.installs)
                conn.execute("vacuum analyze")


@contextmanager
def _start_callgrind(root: Path) -> Iterator[tuple[str, Path]]:
    """Run the server under callgrind; yield its URL and the folder with a file for each backend."""
    binaries = embedded.find_binaries()
    data, counts, socket = root / "data", root / "counts", root / "callgrind"
    os_user = choose_os_user(root, data, binaries)
    for own in (counts, socket):
        own.mkdir(mode=0o700)
        os_user.chown(own)
    command = [
        *(*os_user.prefix, str(VALGRIND), "--tool=callgrind", "--vgdb=no"),
        f"--callgrind-out-file={counts}/%p",
        *(str(binaries / "postgres"), "-D", str(data), "-k", str(socket)),
        *("-c", "listen_addresses=", "-c", "io_method=sync"),
    ]
    process = _launch(command, os_user)
    try:
        yield _wait_for(f"postgresql://postgres@/postgres?host={socket}", process), counts
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _launch(command: list[str], os_user: OsUser) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={**os.environ, "LC_ALL": "C"},
        user=os_user.user,
        group=os_user.group,
        extra_groups=os_user.extra_groups,
    )


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> str:
    while process.poll() is None:
        try:
            connect(url, schema="public").close()
        except CannotConnect:
            time.sleep(LOOK)
        else:
            return url
    message = "PostgreSQL does not start under valgrind: run without --instructions"
    raise ServerError(message)


def _count(database: VariantDatabase, statement: str, counts: Path) -> Work:
    """Subtract a session's instructions from those of a session with more of the same writes."""
    _run(database, statement, 1, counts)  # fills the caches that sessions share
    few = _run(database, statement, WARM, counts)
    written = database.read_wal_position()
    many = _run(database, statement, WARM + COUNTED, counts)
    wal = (database.read_wal_position() - written) / (WARM + COUNTED)
    return Work((many - few) / COUNTED, wal)


def _run(database: VariantDatabase, statement: str, times: int, counts: Path) -> int:
    with connect(database.url, autocommit=True) as conn:
        backend = psutil.Process(conn.info.backend_pid)
        for _ in range(times):
            conn.execute(statement.encode(), prepare=True)
    backend.wait()
    found = re.search(
        r"^(?:totals|summary): (\d+)", (counts / str(backend.pid)).read_text(), re.MULTILINE
    )
    if found is None:
        message = f"callgrind counted nothing in {counts / str(backend.pid)}"
        raise ServerError(message)
    return int(found[1])
