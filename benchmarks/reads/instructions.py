"""The instructions of the server for one page, counted by callgrind: they depend on no machine."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from psycopg import Connection

from benchmarks import server
from benchmarks.callgrind import SETTINGS, count_session, require_valgrind, start_callgrind
from benchmarks.dataset import Shape, load
from benchmarks.reads.contenders import BARE_PAGE, EXACT, LIVE_JOINS, THIN, Database
from benchmarks.reads.live_joins import COUNTERS
from benchmarks.reads.statements import BARE, OURS, StatementReader
from benchmarks.rounds import CONSOLE
from skillmeat import connect, embedded, migration
from skillmeat.api import queries
from skillmeat.catalogue import list_artifacts

SHAPE: Final = Shape(artifacts=2_000, collections=400)
AFTER: Final = SHAPE.artifact_id(SHAPE.artifacts // 2)
OVER_HTTP: Final = "ours, the statement of `GET /artifacts`"

# PostgreSQL plans a prepared statement five times before it keeps a plan.
WARM: Final = 8
COUNTED: Final = 3

Send = Callable[[Connection], object]
PAGES: Final[Mapping[str, tuple[Database, Send]]] = {
    BARE_PAGE: (Database.OURS, lambda conn: StatementReader(conn, BARE).page(AFTER)),
    EXACT: (Database.OURS, lambda conn: StatementReader(conn, OURS).page(AFTER)),
    THIN: (Database.OURS, lambda conn: list_artifacts(conn, after=AFTER)),
    OVER_HTTP: (
        Database.OURS,
        lambda conn: queries.list_artifacts(conn, limit=50, after=AFTER),
    ),
    LIVE_JOINS: (Database.BASELINES, lambda conn: StatementReader(conn, COUNTERS).page(AFTER)),
}


def count_page_instructions() -> dict[str, float]:
    """Count the instructions of a page by each compared contender, in a warm backend.

    Raises `ServerError` if valgrind is not installed.
    """
    require_valgrind()
    found = {}
    with tempfile.TemporaryDirectory(prefix="skillmeat-callgrind-") as folder:
        root = Path(folder) / "server"
        url = embedded.start(root, settings=SETTINGS)
        try:
            _create_databases(url)
        finally:
            embedded.stop(root)
        with start_callgrind(root) as (url, counts):
            for name, (database, send) in PAGES.items():
                CONSOLE.print(f"instructions: a page, {name}")
                own = embedded.replace_database(url, database)
                count_session(own, send, 1, counts)  # fills the caches that sessions share
                few, many = (
                    count_session(own, send, times, counts) for times in (WARM, WARM + COUNTED)
                )
                found[name] = (many - few) / COUNTED
    return found


def _create_databases(url: str) -> None:
    with connect(url, schema="public", autocommit=True) as admin:
        admin.execute(f"create database {Database.OURS}".encode())
        ours = embedded.replace_database(url, Database.OURS)
        migration.upgrade(url=ours)
        with connect(ours, autocommit=True) as conn:
            load(conn, SHAPE)
        copied = f"create database {Database.BASELINES} template {Database.OURS}"
        admin.execute(copied.encode())
    with connect(embedded.replace_database(url, Database.BASELINES), autocommit=True) as conn:
        server.install_read_baselines(conn)
        conn.execute("vacuum analyze")
