"""The distinct blocks that a page reads from a cold cache: what it would read from a slow disk."""

import statistics
from collections.abc import Mapping
from typing import Any, Final

from psycopg import Connection, errors

from benchmarks.dataset import Shape
from benchmarks.reads.contenders import BARE_PAGE, EXACT, LIVE_JOINS, Database
from benchmarks.reads.live_joins import COUNTERS
from benchmarks.reads.statements import BARE, OURS, Statements
from skillmeat import connect

PLACES: Final = 5
COMPARED: Final[Mapping[str, tuple[Database, Statements]]] = {
    BARE_PAGE: (Database.OURS, BARE),
    EXACT: (Database.OURS, OURS),
    LIVE_JOINS: (Database.BASELINES, COUNTERS),
}

# The catalogue's tables and indexes; a backend has those of PostgreSQL in caches of its own.
EVICT: Final = """
    select count(pg_buffercache_evict_relation(c.oid))
    from pg_class as c
    where c.relnamespace = 'skillmeat'::regnamespace and c.relkind in ('r', 'i', 'm', 'S')
"""
EXPLAIN: Final = "explain (analyze, buffers, timing off, format json) "


def count_cold_blocks(urls: Mapping[Database, str], shape: Shape) -> dict[str, float]:
    """Return the blocks of a page by each compared contender: the median of several places.

    Return nothing if the server cannot evict a table from its cache, which needs PostgreSQL 18,
    its extension pg_buffercache, and a superuser.
    """
    found = {}
    for name, (database, statements) in COMPARED.items():
        with (
            connect(urls[database], schema="public", autocommit=True) as admin,
            connect(urls[database], autocommit=True) as conn,
        ):
            if not _can_evict(admin):
                return {}
            found[name] = statistics.median(
                _count(admin, conn, statements.page, shape.artifact_id(number))
                for number in range(0, shape.artifacts - 1, shape.artifacts // PLACES)
            )
    return found


def _can_evict(admin: Connection) -> bool:
    try:
        admin.execute("create extension if not exists pg_buffercache")
        admin.execute(EVICT)
    except errors.Error:
        return False
    return True


def _count(admin: Connection, conn: Connection, statement: str, after: str) -> int:
    admin.execute(EVICT)
    row: tuple[Any, ...] | None = conn.execute(
        (EXPLAIN + statement).encode(), {"after": after}
    ).fetchone()
    assert row is not None  # noqa: S101 - EXPLAIN returns a row
    return int(row[0][0]["Plan"]["Shared Read Blocks"])
