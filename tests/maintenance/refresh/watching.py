"""A refresher in the background, and what it reports."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TypeVar
from urllib.parse import quote, urlencode

from psycopg import Connection

from skillmeat.maintenance.refresh import Policy, Refresher, RefreshEvent
from tests.catalogue.sessions import SECONDS, eventually

# As soon as anything has changed, and as often as it takes.
EAGER = Policy(share=1, after_changes=1, max_age=0, every=0.01)

OneKind = TypeVar("OneKind", bound=RefreshEvent)


class Heard:
    """The reports of a refresher, in their order."""

    def __init__(self) -> None:
        self._reports: SimpleQueue[RefreshEvent] = SimpleQueue()
        self.all: list[RefreshEvent] = []

    def __call__(self, report: RefreshEvent) -> None:
        self.all.append(report)
        self._reports.put(report)

    def next(self, kind: type[OneKind]) -> OneKind:
        """The next report of a kind; what comes before it is passed over."""
        while True:
            try:
                report = self._reports.get(timeout=SECONDS)
            except Empty:
                message = f"no {kind.__name__} in {SECONDS} seconds, but {self.all}"
                raise TimeoutError(message) from None
            if isinstance(report, kind):
                return report


@contextmanager
def watching(url: str | None = None, policy: Policy = EAGER) -> Iterator[Heard]:
    """Run a refresher for as long as the block lasts."""
    heard = Heard()
    with Refresher(url, policy=policy, on_event=heard):
        yield heard


def with_parameters(url: str, **parameters: str) -> str:
    """`url` with further parameters of libpq."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters, quote_via=quote)}"


def until_a_refresh_waits(observer: Connection) -> int:
    """Poll until a session waits for the snapshot, and return its pid."""
    waiting = """
        select pid from pg_locks
        where relation = 'artifact_summaries_snapshot'::regclass and not granted
    """
    eventually(lambda: observer.execute(waiting).rowcount > 0)
    row = observer.execute(waiting).fetchone()
    assert row is not None
    return int(row[0])
