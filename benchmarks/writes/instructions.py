"""The instructions and the WAL of one change, counted by callgrind: they depend on no machine."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from benchmarks import server
from benchmarks.callgrind import SETTINGS, count_session, require_valgrind, start_callgrind
from benchmarks.rounds import CONSOLE
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
    require_valgrind()
    variants = [each for each in VARIANTS if each.name in COMPARED]
    found: dict[str, dict[str, Work]] = {operation: {} for operation in OPERATIONS}
    with tempfile.TemporaryDirectory(prefix="skillmeat-callgrind-") as folder:
        root = Path(folder) / "server"
        url = embedded.start(root, settings=SETTINGS)
        try:
            _create_databases(url, variants)
        finally:
            embedded.stop(root)
        with start_callgrind(root) as (url, counts):
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


def _count(database: VariantDatabase, statement: str, counts: Path) -> Work:
    """Subtract a session's instructions from those of a session with more of the same writes."""

    def write(conn: Connection) -> None:
        conn.execute(statement.encode(), prepare=True)

    count_session(database.url, write, 1, counts)  # fills the caches that sessions share
    few = count_session(database.url, write, WARM, counts)
    written = database.read_wal_position()
    many = count_session(database.url, write, WARM + COUNTED, counts)
    wal = (database.read_wal_position() - written) / (WARM + COUNTED)
    return Work((many - few) / COUNTED, wal)
