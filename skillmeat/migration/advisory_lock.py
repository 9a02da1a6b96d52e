"""The advisory locks under which migrations, fixes and moves of a schema run one at a time."""

import time
from typing import Final

from skillmeat.database.query import Conn, fetch_scalar
from skillmeat.migration.environment import Report

KEYS: Final = "hashtext('skillmeat ' || %(work)s), hashtext(%(schema)s)"
ACQUIRE: Final = f"select pg_try_advisory_lock({KEYS})"
HOLDER: Final = """
    select format(
        'process %%s (%%s)', l.pid,
        concat_ws(', ', 'user ' || s.usename, nullif(s.application_name, ''))
    )
    from pg_locks as l
    left join pg_stat_activity as s on s.pid = l.pid
    where
        l.locktype = 'advisory'
        and l.database = (select d.oid from pg_database as d where d.datname = current_database())
        and l.granted
        and l.objsubid = 2
        and l.classid::bigint = hashtext('skillmeat ' || %(work)s)::bigint & 4294967295
        and l.objid::bigint = hashtext(%(schema)s)::bigint & 4294967295
"""
PAUSE_SECONDS: Final = 0.1


def acquire_migration_lock(conn: Conn, schema: str, *, report: Report) -> None:
    """Wait for the lock of `schema`, and hold it as long as the connection lasts.

    Each other holder is passed to `report`. `conn` is in autocommit: a statement that waited would
    hold a snapshot, for which an index that is built concurrently waits in turn.
    """
    _acquire(conn, "migrate", schema, f"another migration of schema {schema!r}", report=report)


def acquire_arrival_lock(conn: Conn, schema: str, *, report: Report) -> None:
    """Wait for the lock under which one catalogue at a time moves to `schema`.

    It is held, and other holders are reported, as by `acquire_migration_lock`, which the session
    that migrates the new copy needs meanwhile.
    """
    _acquire(conn, "move", schema, f"another move to schema {schema!r}", report=report)


def _acquire(conn: Conn, work: str, schema: str, name: str, *, report: Report) -> None:
    lock = {"work": work, "schema": schema}
    reported = None
    while not fetch_scalar(conn, ACQUIRE, lock):
        holder = fetch_scalar(conn, HOLDER, lock)
        if holder and holder != reported:
            report(f"{name} is running, in {holder}: waiting")
            reported = holder
        time.sleep(PAUSE_SECONDS)
