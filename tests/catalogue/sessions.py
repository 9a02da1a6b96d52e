"""Sessions that wait for each other, watched without a clock."""

import time
from collections.abc import Callable

from psycopg import Connection

SECONDS = 30


def eventually(is_so: Callable[[], bool]) -> None:
    """Poll until the condition holds; the longer that takes, the more seldom."""
    deadline = time.monotonic() + SECONDS
    pause = 0.005
    while not is_so():
        if time.monotonic() > deadline:
            message = f"still not so after {SECONDS} seconds"
            raise TimeoutError(message)
        time.sleep(pause)
        pause = min(pause * 1.25, 0.1)


def until_blocked(observer: Connection, waiter: Connection) -> None:
    """Poll until `waiter` waits for another session."""
    blocked = "select cardinality(pg_blocking_pids(%s)) > 0"
    pid = waiter.info.backend_pid
    eventually(lambda: observer.execute(blocked, (pid,)).fetchone() == (True,))
