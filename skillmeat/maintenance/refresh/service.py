"""The service that keeps the snapshot fresh, in the foreground or in the background."""

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from types import TracebackType
from typing import Final, Self

from skillmeat.maintenance.refresh.connections import connector
from skillmeat.maintenance.refresh.events import Report, log
from skillmeat.maintenance.refresh.loop import Watch
from skillmeat.maintenance.refresh.policy import Policy

# An end within a second, whatever the server does.
SECONDS_TO_END: Final = 0.8
SECONDS_BETWEEN_CANCELS: Final = 0.1


class Refresher:
    """Keeps one catalogue's snapshot fresh until it is stopped; it runs once.

    `url` and `schema` are as for `skillmeat.connect`. Every `Report` goes to `report`, in a thread
    of the refresher's own, or else to the logger `skillmeat.maintenance.refresh`. Any number may
    run on any number of machines: one refreshes at a time, and together they keep to the policy's
    share. As a context manager it runs in the background. Raises `CannotConnect`,
    `InvalidSchemaName` and `ServerError` for a URL or a schema that can never be; what a server
    does is survived.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        schema: str | None = None,
        policy: Policy | None = None,
        report: Callable[[Report], None] = log,
    ) -> None:
        self._watch = Watch(connector(url, schema=schema), policy or Policy(), report)
        # Unlike an Event, a SimpleQueue may be told from a signal handler in the waiting thread.
        self._ends: SimpleQueue[BaseException | None] = SimpleQueue()
        self._background = threading.Thread(target=self.run, name="refresher", daemon=True)

    def run(self) -> None:
        """Run until `stop` is called, or raise what `report` raised."""
        worker = threading.Thread(target=self._work, name="refresher's watch", daemon=True)
        worker.start()
        try:
            error = self._ends.get()
        finally:
            self._end(worker)
        if error is not None:
            raise error

    def stop(self) -> None:
        """Have `run` return within a second; returns at once, and may be called by a signal.

        A refresh under way is cancelled, and an attempt to connect is left to itself.
        """
        self._ends.put(None)

    def __enter__(self) -> Self:
        """Run in the background."""
        self._background.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()
        self._background.join()

    def _work(self) -> None:
        try:
            self._watch.run()
        except BaseException as error:  # noqa: BLE001 - raised again by `run`
            self._ends.put(error)

    def _end(self, worker: threading.Thread) -> None:
        self._watch.stop()
        deadline = time.monotonic() + SECONDS_TO_END
        # Again and again: it may have begun another statement just after it was told.
        while worker.is_alive() and (left := deadline - time.monotonic()) > 0:
            worker.join(SECONDS_BETWEEN_CANCELS)
            self._watch.cancel(timeout=left)
