"""Maintenance that rewrites tables, indexes and the snapshot: every answer stays exact."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from uuid import uuid4

import pytest
from psycopg import Connection, IsolationLevel, sql

import skillmeat
from skillmeat.maintenance.refresh import refresh_snapshot
from tests.db.oracle import differences
from tests.dump_restore.samples import TABLES, Catalogue, list_errors

SNAPSHOT = "artifact_summaries_snapshot"
LOGS = ("artifact_changes", "count_changes", "last_refresh")
CLUSTERED = (
    *(f"cluster {table} using {table}_pkey" for table in (*TABLES, *LOGS)),
    f"cluster {SNAPSHOT} using {SNAPSHOT}_id_idx",
)
VACUUMED = tuple(f"vacuum (full, analyze) {table}" for table in (*TABLES, *LOGS, SNAPSHOT))
REWRITES = {
    "vacuum_full": VACUUMED,
    "vacuum_freeze": ("vacuum (freeze, analyze)",),
    "reindex": ("reindex schema skillmeat",),
    "reindex_concurrently": ("reindex schema concurrently skillmeat",),
    "cluster": CLUSTERED,
}
# A plain REINDEX beside writers may deadlock: it locks a table before its indexes, and a writer
# reads an index of a table that it writes to later.
BESIDE_WRITERS = {name: REWRITES[name] for name in REWRITES if name != "reindex"}


@pytest.mark.parametrize("statements", REWRITES.values(), ids=REWRITES)
def test_a_rewrite_changes_no_answer(
    source: Catalogue, copied: str, statements: tuple[str, ...]
) -> None:
    with skillmeat.connect(copied, autocommit=True) as conn:
        refresh_snapshot(conn)

        for statement in statements:
            conn.execute(statement)

    assert list_errors(copied, source.rows) == []


@pytest.mark.parametrize("statement", [VACUUMED[-1], CLUSTERED[-1]], ids=["vacuum", "cluster"])
def test_a_snapshot_older_than_the_rewrite_reads_the_same_rows(copied: str, statement: str) -> None:
    with (
        skillmeat.connect(copied, autocommit=True) as conn,
        skillmeat.connect(copied) as reader,
    ):
        refresh_snapshot(conn)
        reader.isolation_level = IsolationLevel.REPEATABLE_READ
        reader.execute("select from artifact_types")
        conn.execute("delete from artifacts where type = 'agent'")
        refresh_snapshot(conn)

        conn.execute(statement)

        assert differences(reader) == []


@pytest.mark.exhaustive
def test_another_tablespace_changes_no_answer(source: Catalogue, copied: str) -> None:
    with skillmeat.connect(copied, autocommit=True) as conn, tablespace(conn) as place:
        for table in (*TABLES, *LOGS):
            move = sql.SQL("alter table {} set tablespace {}")
            conn.execute(move.format(sql.Identifier(table), place))
        move = sql.SQL("alter materialized view {} set tablespace {}")
        conn.execute(move.format(sql.Identifier(SNAPSHOT), place))

        found = list_errors(copied, source.rows)
        conn.execute(
            sql.SQL("alter table all in tablespace {} set tablespace pg_default").format(place)
        )
        moved_back = sql.SQL(
            "alter materialized view all in tablespace {} set tablespace pg_default"
        )
        conn.execute(moved_back.format(place))

        assert found == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("statements", BESIDE_WRITERS.values(), ids=BESIDE_WRITERS)
def test_answers_are_exact_while_tables_are_rewritten(
    copied: str, statements: tuple[str, ...]
) -> None:
    done = Event()

    def write(number: int) -> int:
        member = "insert into collection_artifacts values (%s, %s)"
        left = "delete from collection_artifacts where (collection_id, artifact_id) = (%s, %s)"
        key = (("empty", "skill:s1"), ("q", "skill:s4"))[number]
        written = 0
        with skillmeat.connect(copied, autocommit=True) as conn:
            while not done.is_set():
                conn.execute(member, key)
                conn.execute(left, key)
                written += 1
        return written

    def read() -> list[str]:
        found: list[str] = []
        with skillmeat.connect(copied, autocommit=True) as conn:
            while not done.is_set() and not found:
                found = differences(conn)
        return found

    with ThreadPoolExecutor() as pool, skillmeat.connect(copied, autocommit=True) as conn:
        writers = [pool.submit(write, number) for number in range(2)]
        readers = [pool.submit(read) for _ in range(2)]
        try:
            for _ in range(2):
                for statement in statements:
                    conn.execute(statement)
                refresh_snapshot(conn)
        finally:
            done.set()

        wrong = [each for reader in readers for each in reader.result()]
        assert (wrong, all(writer.result() for writer in writers)) == ([], True)


@contextmanager
def tablespace(conn: Connection) -> Iterator[sql.Identifier]:
    """Yield a new tablespace, and drop it after the block."""
    name = sql.Identifier(f"skillmeat_{uuid4().hex}")
    conn.execute("set allow_in_place_tablespaces = on")
    conn.execute(sql.SQL("create tablespace {} location ''").format(name))
    try:
        yield name
    finally:
        conn.execute(sql.SQL("drop tablespace {}").format(name))
