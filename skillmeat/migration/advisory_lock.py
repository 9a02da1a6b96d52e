"""The advisory lock under which the migrations and fixes of a schema run one at a time."""

import time
from typing import Final

from skillmeat.query import Conn, fetch_scalar

ACQUIRE: Final = "select pg_try_advisory_lock(hashtext('skillmeat migrate'), hashtext(%(schema)s))"
PAUSE_SECONDS: Final = 0.1


def acquire_migration_lock(conn: Conn, schema: str) -> None:
    """Wait for the lock of `schema`, and hold it as long as the connection lasts.

    `conn` is in autocommit: a statement that waited would hold a snapshot, for which an index that
    is built concurrently waits in turn.
    """
    while not fetch_scalar(conn, ACQUIRE, {"schema": schema}):
        time.sleep(PAUSE_SECONDS)
