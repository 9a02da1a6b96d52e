"""What a fixed set of pages costs, in blocks: they do not depend on how busy the machine is."""

from random import Random
from typing import Any, Final

from psycopg import Connection

from benchmarks.soak.dataset import artifact_id
from benchmarks.soak.sessions import Soak

ARTIFACTS: Final = """
    explain (analyze, buffers, timing off, format json)
    select * from artifact_summaries where id > %s order by id limit 50
"""
COLLECTIONS: Final = """
    explain (analyze, buffers, timing off, format json)
    select * from collection_summaries where id > %s order by id limit 50
"""
CURSORS: Final = 8


def gauge(soak: Soak, conn: Connection, _: Random) -> None:
    """Read the pages, and keep how many blocks one of each kind took on average."""
    many = 2 * soak.options.artifacts
    artifacts = [artifact_id(many * n // CURSORS) for n in range(CURSORS)]
    soak.tally.gauged.append(
        (
            soak.seconds,
            _blocks(conn, ARTIFACTS, ["", *artifacts]),
            _blocks(conn, COLLECTIONS, ["", "c2", "c5"]),
        )
    )


def _blocks(conn: Connection, statement: str, cursors: list[str]) -> int:
    plans: list[dict[str, Any]] = []
    for after in cursors:
        row = conn.execute(statement.encode(), (after,), prepare=False).fetchone()
        assert row is not None  # noqa: S101 - EXPLAIN returns a row
        plans.append(row[0][0]["Plan"])
    touched: int = sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in plans)
    return round(touched / len(plans))
