"""Sessions that wait for each other; the tests ask the server which session blocks which."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from psycopg import Connection

NewSession = Callable[..., Connection]
BETWEEN_LOOKS = 0.01


@contextmanager
def running(conn: Connection, statement: str) -> Iterator[Future[None]]:
    """Run a statement and its commit in a thread; wait for their end after the block."""

    def run() -> None:
        conn.execute(statement)
        conn.commit()

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(run)


def wait_until_blocked(
    observer: Connection, conn: Connection, *, by: Connection, work: Future[None]
) -> None:
    """Wait until `conn`, which runs `work`, waits for a lock of `by`; fail if `work` ends first."""
    blocked = "select %s = any (pg_blocking_pids(%s))"
    pids = [by.info.backend_pid, conn.info.backend_pid]
    while observer.execute(blocked, pids).fetchone() == (False,):
        assert not work.done(), f"it ended without waiting: {work.exception()}"
        time.sleep(BETWEEN_LOOKS)
