"""The server's work for a request, from pg_stat_statements, and the plan of a page."""

import time
from dataclasses import dataclass
from typing import Final

from psycopg import Connection, errors

from benchmarks.dataset import Shape
from benchmarks.reads.contenders import Contender
from benchmarks.reads.reader import RandomRequests, Reader, Request
from skillmeat import connect

ASKED: Final = 20
# A contender that takes a second for a page answers fewer requests.
SECONDS: Final = 1.0
# psycopg prepares a statement by itself after five executions. The server plans a prepared
# statement five times before it keeps a generic plan.
BEFORE: Final = 11


@dataclass(frozen=True, slots=True)
class ServerWork:
    """The average work for one request."""

    statements: float
    rows: float
    blocks: float
    milliseconds: float
    """The server's time for planning and execution, without the client's time."""


def has_pg_stat_statements(conn: Connection) -> bool:
    """Return whether the server has pg_stat_statements and permits its use."""
    try:
        conn.execute("create extension if not exists pg_stat_statements")
        conn.execute("select from pg_stat_statements limit 1")
    except errors.Error:
        return False
    return True


def measure_server_work(
    conn: Connection, url: str, contender: Contender, shape: Shape
) -> dict[Request, ServerWork]:
    """Measure each request; `conn` is a connection to the same database, in autocommit."""
    conn.execute("select set_config('search_path', 'public', false)")
    name = conn.info.dbname
    conn.execute(f'alter database "{name}" set pg_stat_statements.track = top'.encode())
    conn.execute(f'alter database "{name}" set pg_stat_statements.track_planning = on'.encode())
    found = {}
    try:
        with contender.open_reader(url) as reader:
            for request in Request:
                requests = RandomRequests(shape, seed=-1)
                _send(reader, request, requests, most=BEFORE)
                conn.execute("select public.pg_stat_statements_reset()")
                sent = _send(reader, request, requests, most=ASKED)
                found[request] = _seen(url, sent)
    finally:
        conn.execute(f'alter database "{name}" reset pg_stat_statements.track'.encode())
        conn.execute(f'alter database "{name}" reset pg_stat_statements.track_planning'.encode())
    return found


def _send(reader: Reader, request: Request, requests: RandomRequests, *, most: int) -> int:
    """Send so many requests, or those that fit in `SECONDS`; return how many."""
    ends = time.perf_counter() + SECONDS
    sent = 0
    while sent < most and (not sent or time.perf_counter() < ends):
        requests.send(reader, request)
        sent += 1
    return sent


def _seen(url: str, sent: int) -> ServerWork:
    # The harness's own statements are not counted: tracking was off when its sessions began.
    with connect(url, schema="public", options="-c pg_stat_statements.track=none") as conn:
        row = conn.execute(
            """
            select
                sum(calls),
                sum(rows),
                sum(shared_blks_hit + shared_blks_read),
                sum(total_plan_time + total_exec_time)
            from pg_stat_statements
            where
                dbid = (select oid from pg_database where datname = current_database())
                and toplevel
                and query not ilike all (array['begin%', 'rollback%', '%pg_stat_statements%'])
            """
        ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate has its row
    return ServerWork(*(float(value or 0) / sent for value in row))


EXPLAIN = "explain (analyze, buffers, costs off, timing off, summary off) "


def read_plan(url: str, statement: str, shape: Shape) -> str:
    """Return the plan of a page from the middle of the catalogue, with warm caches."""
    with connect(url, autocommit=True) as conn:
        values = {"after": shape.artifact_id(shape.artifacts // 2)}
        conn.execute(statement.encode(), values).fetchall()
        rows = conn.execute((EXPLAIN + statement).encode(), values).fetchall()
    return "\n".join(row[0] for row in rows)
