"""The server to measure, its databases, and the baselines installed in them."""

import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg import Connection, sql

from db.render import read_counters, render_all
from skillmeat import connect, embedded
from skillmeat.embedded.initdb import DURABLE
from skillmeat.migration.environment import fill

# A baseline without a file: the triggers that the second migration installs.
COUNTS_ALONE: Final = "counts_alone"

# Everything fits in memory: the disk is not compared. A checkpoint would slow down one contender.
SETTINGS: Final = {
    **DURABLE,
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "none",
    "pg_stat_statements.track_utility": "off",
}


@contextmanager
def start_server() -> Iterator[str]:
    """Yield SKILLMEAT_BENCH_DATABASE_URL, or the URL of a server that stops after the block."""
    given = os.environ.get("SKILLMEAT_BENCH_DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="skillmeat-bench-") as folder:
        root = Path(folder) / "server"
        try:
            yield embedded.start(root, settings=SETTINGS)
        finally:
            embedded.stop(root)


@contextmanager
def create_database(url: str, name: str, *, template: str | None = None) -> Iterator[str]:
    """Yield the URL of a new database, a copy of `template` if given; drop it after the block."""
    named = sql.Identifier(name)
    create = sql.SQL("create database {}").format(named)
    if template is not None:
        create += sql.SQL(" template {} strategy file_copy").format(sql.Identifier(template))
    with psycopg.connect(url, autocommit=True) as admin:
        # A run that was killed may have left its database on the server.
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(named))
        admin.execute(create)
    try:
        yield embedded.replace_database(url, name)
    finally:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(sql.SQL("drop database {} with (force)").format(named))


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine and the settings that the figures depend on."""

    postgresql: str
    python: str
    psycopg: str
    system: str
    processor: str
    cores: int
    memory_gb: float
    settings: dict[str, str]


def describe_machine(url: str) -> Machine:
    """Describe this machine and the server's settings that a benchmark depends on."""
    shown = ("shared_buffers", "fsync", "synchronous_commit", "full_page_writes", "jit")
    with connect(url, schema="public") as conn:
        settings: dict[str, str] = dict(
            conn.execute(
                "select name, current_setting(name) from unnest(%s::text[]) as name", (list(shown),)
            ).fetchall()
        )
        version = conn.info.server_version
    return Machine(
        postgresql=f"{version // 10000}.{version % 10000}",
        python=platform.python_version(),
        psycopg=psycopg.__version__,
        system=f"{platform.system()} {platform.machine()}",
        processor=_processor(),
        cores=len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1,
        memory_gb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
        settings=settings,
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


BASELINES: Final = Path(__file__).parent / "baselines"


def install_baselines(conn: Connection, *names: str) -> None:
    """Run the SQL files with these names in the session's schema."""
    for name in names:
        if name == COUNTS_ALONE:
            conn.execute(_render_counts_alone().encode())
        else:
            conn.execute((BASELINES / f"{name}.sql").read_bytes())


def _render_counts_alone() -> str:
    """Render triggers that count, in place of those that log too."""
    count = render_all()["counters/record_changes.sql"]
    return "".join(
        [
            *(fill(count, asdict(counter)) for counter in read_counters()),
            "drop function artifact_versions_record_changes cascade;",
            "drop function collections_log_changes, tags_log_changes cascade;",
        ]
    )


def install_read_baselines(conn: Connection) -> None:
    """Install what the reading contenders need, in a full catalogue with settled counts."""
    install_baselines(
        conn, "without_counts_and_log", "row_trigger", "summary_table", "plain_matviews"
    )
    if has_ivm(conn):
        install_baselines(conn, "ivm")


def has_ivm(conn: Connection) -> bool:
    """Return whether pg_ivm is available on the server."""
    available = "select from pg_available_extensions where name = 'pg_ivm'"
    return conn.execute(available).rowcount > 0
