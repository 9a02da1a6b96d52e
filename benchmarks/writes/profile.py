"""The profile of one membership: the time of each part, and the statements of its triggers."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from benchmarks.reads.server_work import has_pg_stat_statements
from benchmarks.rounds import Rounds, measure_in_turn
from benchmarks.writes.variants import VariantDatabase
from skillmeat import connect

WRITES: Final = 2_000
ROUNDS: Final = 3

ONE: Final = """
    insert into collection_artifacts (collection_id, artifact_id)
    select 'c' || 1 + n % 2000, 'skill:a' || n from (select nextval('turn')) as s (n)
"""

BARE: Final = "the row, its keys, its commit"
# Each part with its trigger and the trigger's table, in the order in which they are added.
PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "its count is appended, its artifact logged": (
        "collection_artifacts_record_changes_on_insert",
        "collection_artifacts",
    ),
    "its count is settled when it commits": ("count_changes_settle", "count_changes"),
}

SEEN: Final = """
    select
        regexp_replace(query, '\\s+', ' ', 'g'),
        (total_plan_time + total_exec_time) / %(writes)s * 1000,
        wal_bytes::float8 / %(writes)s
    from public.pg_stat_statements
    where calls >= %(writes)s / 2 and query not like '%%nextval%%'
    order by 2 desc
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a trigger: its microseconds and bytes of WAL a membership."""

    text: str
    micros: float
    wal: float


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile of one membership, commit included.

    `parts` has the microseconds with each part and those before it. `statements` is None if the
    server has no pg_stat_statements.
    """

    parts: Rounds
    statements: list[Statement] | None


def measure_profile(database: VariantDatabase) -> Profile:
    """Write 2,000 memberships one by one, with one more trigger in each step."""
    steps = {name: at for at, name in enumerate((BARE, *PARTS))}

    def once(step: int) -> float:
        _enable(database.conn, step)
        database.reset(with_members=False)
        with connect(database.url, autocommit=True) as conn:
            _write(conn, 100)
            return _write(conn, WRITES)

    parts = measure_in_turn("the parts of a membership", ROUNDS, steps, once)
    _enable(database.conn, len(PARTS))
    return Profile(Rounds("µs", parts), _statements(database))


def _enable(conn: Connection, parts: int) -> None:
    for at, (trigger, table) in enumerate(PARTS.values()):
        conn.execute(
            SQL("alter table {} {} trigger {}").format(
                Identifier(table),
                SQL("enable" if at < parts else "disable"),
                Identifier(trigger),
            )
        )


def _statements(database: VariantDatabase) -> list[Statement] | None:
    database.reset(with_members=False)
    with connect(database.url, schema="public", autocommit=True) as admin:
        if not has_pg_stat_statements(admin):
            return None
    track = "-c pg_stat_statements.track=all -c pg_stat_statements.track_planning=on"
    with connect(database.url, options=track, autocommit=True) as conn:
        _write(conn, 100)
        conn.execute("select public.pg_stat_statements_reset()")
        _write(conn, WRITES)
        rows = conn.execute(SEEN, {"writes": WRITES}).fetchall()
    return [Statement(*row) for row in rows]


def _write(conn: Connection, times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        conn.execute(ONE, prepare=True)
    return (time.perf_counter() - started) / times * 1e6
