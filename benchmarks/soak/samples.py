"""What the server holds, and what it has done: a look at its statistics."""

from dataclasses import dataclass
from typing import Final

from psycopg import Connection
from psycopg.rows import class_row

from benchmarks.soak.refresher import WHO
from benchmarks.soak.sessions import NAME

LOGS: Final = ("count_changes", "artifact_changes")
SNAPSHOT: Final = "artifact_summaries_snapshot"
PARENTS: Final = ("collections", "tags", "groups", "artifact_types")
TABLES: Final = (*LOGS, SNAPSHOT, "last_refresh", *PARENTS, "artifacts", "collection_artifacts")

# Every concurrent refresh makes a temporary table, so these grow if nobody vacuums them.
CATALOGS: Final = ("pg_class", "pg_attribute", "pg_type", "pg_depend", "pg_index")


@dataclass(frozen=True, slots=True)
class Table:
    """Bytes of a table (its TOAST included) and of its indexes, and rows alive and dead.

    Vacuums, by autovacuum and by command, are counted since the server's statistics were reset.
    """

    name: str
    bytes: int
    index_bytes: int
    live: int
    dead: int
    autovacuums: int
    vacuums: int

    @property
    def total(self) -> int:
        """Bytes, all in all."""
        return self.bytes + self.index_bytes


TABLE_SIZES: Final = """
    select
        c.relname as name,
        pg_table_size(c.oid) as bytes,
        pg_indexes_size(c.oid) as index_bytes,
        coalesce(pg_stat_get_live_tuples(c.oid), 0) as live,
        coalesce(pg_stat_get_dead_tuples(c.oid), 0) as dead,
        coalesce(pg_stat_get_autovacuum_count(c.oid), 0) as autovacuums,
        coalesce(pg_stat_get_vacuum_count(c.oid), 0) as vacuums
    from pg_class as c
    where c.oid = any (%s::regclass[])
"""


def tables(conn: Connection) -> dict[str, Table]:
    """Every table that is watched, by name."""
    with conn.cursor(row_factory=class_row(Table)) as cursor:
        found = cursor.execute(TABLE_SIZES, [[*TABLES, *CATALOGS]])
        return {each.name: each for each in found}


def wal(conn: Connection) -> int:
    """Bytes of WAL, ever."""
    return _number(conn, "select (pg_current_wal_insert_lsn() - '0/0')::bigint")


PER_SESSION: Final = 180_000


def refresher_wal(conn: Connection) -> tuple[int, int] | None:
    """The refresher's session and its bytes of WAL; None where there is none, or before 18."""
    if conn.info.server_version < PER_SESSION:
        return None
    row = conn.execute(
        """
        select a.pid, w.wal_bytes::bigint
        from pg_stat_activity as a
        cross join lateral pg_stat_get_backend_wal(a.pid) as w
        where a.datname = current_database() and a.application_name = %s
        order by a.backend_start desc
        limit 1
        """,
        [f"{NAME} {WHO}"],
    ).fetchone()
    return None if row is None else (row[0], row[1])


def _number(conn: Connection, statement: str) -> int:
    row = conn.execute(statement.encode()).fetchone()
    assert row is not None  # noqa: S101 - the statement always returns a row
    return int(row[0])
