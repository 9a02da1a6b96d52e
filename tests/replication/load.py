"""Writers on one server, readers on another, and what the readers found."""

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

# A reader on a standby is cancelled where it would keep it from following, by deadlock or by time.
CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected)

Found = TypeVar("Found")

LIVE = SHOWN.replace("artifact_summaries", "artifact_summaries_live")


@dataclass(slots=True)
class Looks:
    """How often a reader looked, was cancelled, and what it found that was not exact."""

    exact: int = 0
    cancelled: int = 0
    inexact: list[str] = field(default_factory=list)


def look(url: str, stop: Event, *, keeps: bool) -> Looks:
    """Compare what is shown with what is true, again and again; it `keeps` each snapshot a while.

    Whoever keeps a snapshot must not be beside a TRUNCATE, which empties tables for it as well.
    """
    looks = Looks()
    while not stop.is_set() and not looks.inexact:
        with suppress(OperationalError), skillmeat.connect(url) as conn:
            if keeps:
                conn.isolation_level = IsolationLevel.REPEATABLE_READ
            while not stop.is_set() and not looks.inexact:
                try:
                    looks.inexact += look_once(conn, keeps=keeps)
                    looks.exact += 1
                    conn.rollback()
                except CONFLICTS:
                    looks.cancelled += 1
                    conn.rollback()
    return looks


def look_once(conn: Connection, *, keeps: bool) -> list[str]:
    """Everything that is not exact in one snapshot, at its beginning and at its end."""
    if not keeps:
        return differences(conn)
    # Who has read the snapshot already keeps a plain REFRESH waiting, who has not does not.
    first = random.choice((SHOWN, LIVE))  # noqa: S311
    begun = conn.execute(first).fetchall()
    found = differences(conn)
    ended = conn.execute(SHOWN).fetchall()
    return found if begun == ended else [*found, f"it was {begun}", f"it is {ended}"]


@contextmanager
def looking(url: str, *, keeps: bool) -> Iterator[Future[Looks]]:
    """A reader, as long as the block lasts; its result is there after the block."""
    with repeated(lambda stop: look(url, stop, keeps=keeps)) as future:
        yield future


@contextmanager
def refreshing(url: str) -> Iterator[None]:
    """Refresh in a tight loop, as long as the block lasts."""

    def refresh(stop: Event) -> None:
        with skillmeat.connect(url, autocommit=True) as conn:
            while not stop.wait(0.005):
                conn.execute(REFRESH)

    with repeated(refresh) as future:
        yield
    future.result()


@contextmanager
def repeated(work: Callable[[Event], Found]) -> Iterator[Future[Found]]:
    """Run `work` in a thread, and tell it to stop at the end of the block."""
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work, stop)
        try:
            yield future
        finally:
            stop.set()


def write_everything(url: str, *, rounds: int) -> None:
    """Three writers of everything, each with so many rounds of transactions."""
    seeds = range(3 * rounds)
    with ThreadPoolExecutor(3) as pool:
        unexpected = [
            error for each in pool.map(lambda s: write(url, s, ()), seeds) for error in each
        ]
    assert unexpected == []
