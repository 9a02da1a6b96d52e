"""Many clients at once, by pgbench: their throughput, latency and failures."""

import math
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psycopg import Connection
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from benchmarks.rounds import CONSOLE
from benchmarks.writes.variants import VariantDatabase
from benchmarks.writes.workloads import Workload
from skillmeat import connect, embedded
from skillmeat.database.connection import build_conninfo
from skillmeat.errors import SkillMeatError

LOOK: Final = 0.02
# PostgreSQL's own setting: the server sleeps so long before it flushes the WAL of a commit, and
# commits that come meanwhile share the flush, as on a disk that takes so long.
SLOW_COMMIT_MICROSECONDS: Final = 1_000
NAME: Final = "pgbench"
# The exit status of pgbench if errors ended some of its clients while the others went on.
ABORTED: Final = 2

# Waits for the lock of a row, not for the short lock that extends a table.
WAITING: Final = """
    select count(*)
    from pg_stat_activity
    where
        datname = current_database()
        and wait_event_type = 'Lock'
        and wait_event in ('transactionid', 'tuple', 'advisory')
"""

# pgbench's log lacks the transactions that the server ends after the run. In a short run these are
# all deadlocks: the server resolves one after `deadlock_timeout`, one second. A session reports its
# deadlocks to the statistics when it ends.
DEADLOCKS: Final = "select deadlocks from pg_stat_database where datname = current_database()"
STILL_THERE: Final = """
    select from pg_stat_activity where datname = current_database() and application_name = %s
"""


@dataclass(frozen=True, slots=True)
class PgbenchResult:
    """The result of a run: transactions a second, milliseconds, bytes of WAL a transaction."""

    throughput: float
    p50: float
    p99: float
    waiting: float
    """The sessions that waited for the lock of another session, on average."""
    deadlocks: int
    serialization_failures: int
    aborted: int
    """The clients that another error ended before the run did."""
    wal: float
    drift: int


def run_pgbench(database: VariantDatabase, workload: Workload, seconds: float) -> PgbenchResult:
    """Reset the database, and let the clients write for `seconds`."""
    database.reset(with_members=workload.needs_members)
    written, deadlocks = database.read_wal_position(), _deadlocks(database)
    with tempfile.TemporaryDirectory(prefix="skillmeat-pgbench-") as folder:
        with _watched(database) as looks:
            process = _pgbench(database, workload, seconds, Path(folder))
        taken, failed = _logged(Path(folder))
    return PgbenchResult(
        throughput=_tps(process.stdout),
        p50=_percentile(taken, 50),
        p99=_percentile(taken, 99),
        waiting=statistics.fmean(looks) if looks else 0,
        deadlocks=_deadlocks(database) - deadlocks,
        serialization_failures=failed,
        aborted=_aborted(process, database.variant.name),
        wal=(database.read_wal_position() - written) / max(len(taken), 1),
        drift=database.count_drift(),
    )


@contextmanager
def slow_down_commits(database: VariantDatabase) -> Iterator[None]:
    """Let each commit in the database take a millisecond longer, also if no other is under way."""
    settings = {"commit_delay": SLOW_COMMIT_MICROSECONDS, "commit_siblings": 0}
    alter = SQL("alter database {} ").format(Identifier(database.conn.info.dbname))
    for name, value in settings.items():
        database.conn.execute(alter + SQL(f"set {name} = {value}"))
    try:
        yield
    finally:
        for name in settings:
            database.conn.execute(alter + SQL(f"reset {name}"))


def _pgbench(
    database: VariantDatabase, workload: Workload, seconds: float, folder: Path
) -> subprocess.CompletedProcess[str]:
    script = folder / "script.sql"
    script.write_text(workload.script)
    return subprocess.run(
        [
            embedded.find_binaries() / "pgbench",
            "--no-vacuum",
            "--protocol=prepared",
            f"--client={workload.clients}",
            f"--jobs={min(workload.clients, 2)}",
            f"--time={seconds:.0f}",
            "--log",
            "--failures-detailed",
            "--max-tries=1",
            f"--file={script}",
            make_conninfo(build_conninfo(database.url), application_name=NAME),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
    )


def _aborted(process: subprocess.CompletedProcess[str], variant: str) -> int:
    """Return how many clients an error ended, and print the first error.

    Raises `SkillMeatError` if the clients did not begin.
    """
    lines = process.stderr.splitlines()
    # Two threads may write at once: a line has the beginning of the other one then, or none.
    aborted = [line for line in lines if "client " in line and " aborted" in line]
    errors = aborted or [line for line in lines if line.startswith("pgbench: error: ")]
    first = errors[0] if errors else process.stderr.strip()
    if process.returncode not in {0, ABORTED}:
        message = f"{variant}: {first}"
        raise SkillMeatError(message)
    if process.returncode == ABORTED:
        CONSOLE.print(f"{variant}: {first}", markup=False)
    return len(aborted)


def _tps(printed: str) -> float:
    rates = (float(line.split()[2]) for line in printed.splitlines() if line.startswith("tps"))
    return next(rates, 0)


def _percentile(taken: list[float], percent: int) -> float:
    if not taken:
        return math.inf  # no transaction committed
    return sorted(taken)[math.ceil(percent / 100 * len(taken)) - 1]


def _deadlocks(database: VariantDatabase) -> int:
    while database.conn.execute(STILL_THERE, (NAME,)).rowcount:
        time.sleep(LOOK)
    row = database.conn.execute(DEADLOCKS).fetchone()
    return row[0] if row else 0


def _logged(folder: Path) -> tuple[list[float], int]:
    """Return the milliseconds of every commit, and the number of serialization failures."""
    taken: list[float] = []
    failed = 0
    for log in folder.glob("pgbench_log.*"):
        for line in log.read_text().splitlines():
            outcome = line.split()[2]
            if outcome.isdigit():
                taken.append(int(outcome) / 1e3)
            elif outcome == "serialization":
                failed += 1
    return taken, failed


@contextmanager
def _watched(database: VariantDatabase) -> Iterator[list[int]]:
    looks: list[int] = []
    done = threading.Event()

    def look(conn: Connection) -> None:
        while not done.wait(LOOK):
            row = conn.execute(WAITING).fetchone()
            looks.append(row[0] if row else 0)

    with connect(database.url, autocommit=True) as conn:
        watcher = threading.Thread(target=look, args=(conn,))
        watcher.start()
        try:
            yield looks
        finally:
            done.set()
            watcher.join()
