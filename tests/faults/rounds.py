"""A round: writers and readers work, a fault strikes, and the catalogue is compared."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event

from psycopg import errors

from skillmeat.errors import CannotConnect
from skillmeat.maintenance.refresh import refresh_snapshot
from tests.catalogue.sessions import eventually
from tests.db.oracle import differences
from tests.faults.journal import Journal, check_journal, write
from tests.faults.servers import OwnServer, connect_with_retries
from tests.faults.state import Rows, contents, stale_rows

Fault = Callable[[OwnServer, random.Random], None]

WRITERS = 3


def journals(seed: int) -> list[Journal]:
    """Return a new journal for each writer."""
    return [
        Journal(f"w{each}", random.Random(f"{seed} {each}"))  # noqa: S311
        for each in range(WRITERS)
    ]


def run_round(
    own: OwnServer, writers: list[Journal], *, fault: Fault, choice: random.Random, commits: int
) -> list[str]:
    """Run all sessions, cause the fault after about `commits`; return the readers' drift."""
    stop = Event()
    target = sum(each.commits for each in writers) + choice.randint(1, 2 * commits)
    with ThreadPoolExecutor(len(writers) + 1) as pool:
        reading = pool.submit(_read, own, stop)
        writing = [pool.submit(write, own, each, stop) for each in writers]
        try:
            eventually(
                lambda: (
                    sum(each.commits for each in writers) >= target
                    or all(each.done() for each in writing)
                )
            )
            fault(own, choice)
        finally:
            stop.set()
        for each in writing:
            each.result()
        return reading.result()


def compare(own: OwnServer, writers: list[Journal], others: Rows) -> list[object]:
    """Return the errors in journals, counts, pages and the next refresh."""
    wrong: list[object] = [problem for each in writers if (problem := check_journal(own, each))]
    with connect_with_retries(own) as conn:
        expected = sorted(others + [row for each in writers for row in each.acknowledged])
        if sorted(contents(conn)) != expected:
            wrong.append("there are rows of no parent, or rows are missing")
        wrong += differences(conn)
        wrong += conn.execute("table summary_drift").fetchall()
        # Another session may be refreshing at this moment: try until this one refreshes.
        eventually(lambda: refresh_snapshot(conn) is not None)
        wrong += stale_rows(conn)
        wrong += differences(conn)
    return wrong


def _read(own: OwnServer, stop: Event) -> list[str]:
    """Compare repeatedly, each time in one snapshot, until `stop` or the end of the session."""
    seen: list[str] = []
    with suppress(errors.OperationalError, CannotConnect), own.session() as conn:
        while not stop.is_set() and not seen:
            with suppress(errors.QueryCanceled):
                seen = differences(conn)
    return seen
