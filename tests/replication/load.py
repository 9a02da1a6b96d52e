"""Writers on one server, readers on another, and the results of the readers."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar

from psycopg import Connection, IsolationLevel, OperationalError, errors

import skillmeat
from tests.concurrency.test_read_path_stress import REFRESH, SHOWN, write
from tests.db.oracle import differences

# A standby cancels a reader that blocks the replay, because of a deadlock or a timeout.
CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected)

Found = TypeVar("Found")

LIVE = SHOWN.replace("artifact_summaries", "artifact_summaries_live")


@dataclass(slots=True)
class Comparisons:
    """The number of a reader's exact and cancelled comparisons, and the differences it found."""

    exact: int = 0
    cancelled: int = 0
    inexact: list[str] = field(default_factory=list)


def compare(url: str, stop: Event, *, keeps: bool) -> Comparisons:
    """Compare the views with the oracle until `stop` is set; `keeps` holds each snapshot longer.

    A reader that keeps a snapshot must not run beside a TRUNCATE, which empties tables for it too.
    """
    comparisons = Comparisons()
    while not stop.is_set() and not comparisons.inexact:
        with suppress(OperationalError), skillmeat.connect(url) as conn:
            if keeps:
                conn.isolation_level = IsolationLevel.REPEATABLE_READ
            while not stop.is_set() and not comparisons.inexact:
                try:
                    comparisons.inexact += compare_once(conn, keeps=keeps)
                    comparisons.exact += 1
                    conn.rollback()
                except CONFLICTS:
                    comparisons.cancelled += 1
                    conn.rollback()
    return comparisons


def compare_once(conn: Connection, *, keeps: bool) -> list[str]:
    """Return every difference in one snapshot, at its beginning and at its end."""
    if not keeps:
        return differences(conn)
    # A reader that has read the snapshot view blocks a plain REFRESH; other readers do not.
    first = random.choice((SHOWN, LIVE))  # noqa: S311
    begun = conn.execute(first).fetchall()
    found = differences(conn)
    ended = conn.execute(SHOWN).fetchall()
    return found if begun == ended else [*found, f"it was {begun}", f"it is {ended}"]


@contextmanager
def run_reader(url: str, *, keeps: bool) -> Iterator[Future[Comparisons]]:
    """Run a reader during the block; its result is available after the block."""
    with repeated(lambda stop: compare(url, stop, keeps=keeps)) as future:
        yield future


@contextmanager
def run_refresher(url: str) -> Iterator[None]:
    """Refresh in a tight loop during the block."""

    def refresh(stop: Event) -> None:
        with skillmeat.connect(url, autocommit=True) as conn:
            while not stop.wait(0.005):
                conn.execute(REFRESH)

    with repeated(refresh) as future:
        yield
    future.result()


@contextmanager
def repeated(work: Callable[[Event], Found]) -> Iterator[Future[Found]]:
    """Run `work` in a thread, and stop it at the end of the block."""
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work, stop)
        try:
            yield future
        finally:
            stop.set()


def write_everything(url: str, *, rounds: int) -> None:
    """Run three writers of all tables, for this many rounds of transactions."""
    seeds = range(3 * rounds)
    with ThreadPoolExecutor(3) as pool:
        unexpected = [
            error for each in pool.map(lambda s: write(url, s, 30, ()), seeds) for error in each
        ]
    assert unexpected == []
