"""Run a refresher in the background, and read its events."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TypeVar
from urllib.parse import quote, urlencode

from psycopg import Connection

from skillmeat.maintenance.refresh import Policy, Refresher, RefreshEvent
from tests.catalogue.sessions import SECONDS, eventually

# Refreshes after any change, as often as possible.
EAGER = Policy(share=1, after_changes=1, max_age=0, every=0.01)

Event = TypeVar("Event", bound=RefreshEvent)


class RecordedEvents:
    """The events of a refresher, in order."""

    def __init__(self) -> None:
        self._events: SimpleQueue[RefreshEvent] = SimpleQueue()
        self.all: list[RefreshEvent] = []

    def __call__(self, event: RefreshEvent) -> None:
        self.all.append(event)
        self._events.put(event)

    def next(self, kind: type[Event]) -> Event:
        """Return the next event of a kind, and skip the events before it."""
        while True:
            try:
                event = self._events.get(timeout=SECONDS)
            except Empty:
                message = f"no {kind.__name__} in {SECONDS} seconds, but {self.all}"
                raise TimeoutError(message) from None
            if isinstance(event, kind):
                return event


@contextmanager
def running_refresher(url: str | None = None, policy: Policy = EAGER) -> Iterator[RecordedEvents]:
    """Run a refresher for as long as the block lasts."""
    events = RecordedEvents()
    with Refresher(url, policy=policy, on_event=events):
        yield events


def with_parameters(url: str, **parameters: str) -> str:
    """Return `url` with more parameters of libpq."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters, quote_via=quote)}"


def wait_until_refresh_waits(observer: Connection) -> int:
    """Poll until a session waits for the snapshot, and return its pid."""
    waiting = """
        select pid from pg_locks
        where relation = 'artifact_summaries_snapshot'::regclass and not granted
    """
    eventually(lambda: observer.execute(waiting).rowcount > 0)
    row = observer.execute(waiting).fetchone()
    assert row is not None
    return int(row[0])
