"""The polls, comparisons and refreshes of many catalogues, by a few threads and connections."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from skillmeat.api.served_catalogue import ServedCatalogue
from skillmeat.maintenance.refresh import Policy, RefreshEvent
from skillmeat.maintenance.refresh.loop import RefreshLoop
from skillmeat.maintenance.refresh.policy import decide
from skillmeat.maintenance.refresh.service import make_connector

# Each of these threads has one connection while it works.
POLLERS: Final = 4
WORKERS: Final = 2
CONNECTIONS: Final = POLLERS + WORKERS
# Polls wait for a silent server for seconds: those of one server leave threads to the others.
POLLERS_OF_A_HOST: Final = 2

# A catalogue without requests is polled this often; one whose poll failed, more often.
IDLE_POLL_INTERVAL: Final = 30.0
FAILED_POLL_INTERVAL: Final = 5.0
TICK: Final = 1.0
CANCEL_TIMEOUT: Final = 1.0


class Host:
    """A server of PostgreSQL, which may hold many catalogues.

    `share` bounds the connections that requests to it use at once. `silence` is the error of a
    connection that got no answer in time, until one gets an answer.
    """

    def __init__(self, share: int) -> None:
        self.share = asyncio.Semaphore(share)
        self.silence: str | None = None
        self.polling = asyncio.Semaphore(POLLERS_OF_A_HOST)
        self.visit: asyncio.Task[None] | None = None

    def is_silent(self) -> bool:
        """Return whether the server does not answer."""
        return self.silence is not None


class Upkeep:
    """What keeps a catalogue compared and refreshed: when it is due, and the work itself."""

    def __init__(
        self, catalogue: ServedCatalogue, on_refresh: Callable[[RefreshEvent], None]
    ) -> None:
        connect = make_connector(catalogue.url, schema=catalogue.schema)
        self.running: Future[None] | None = None
        self._monitor = catalogue.monitor
        self._loop = RefreshLoop(connect, Policy(), on_refresh)
        self._compare_at: float | None = 0.0
        self._refresh_at = 0.0

    def find_due(self, *, may_refresh: bool) -> Callable[[], None] | None:
        """Return the work that is due, or None."""
        now = time.monotonic()
        status = self._monitor.state.status
        if status is None or (self.running is not None and not self.running.done()):
            return None
        if self._compare_at is not None and now >= self._compare_at:
            return self._compare
        has_reason = status.pending_counts > 0 or decide(status, Policy()).is_due
        return self._refresh if may_refresh and has_reason and now >= self._refresh_at else None

    def stop(self) -> None:
        """Begin no other refresh; a running one may end."""
        self._loop.stop()

    def cancel(self) -> None:
        """Cancel the running refresh."""
        self._loop.cancel(timeout=CANCEL_TIMEOUT)

    def _compare(self) -> None:
        pause = self._monitor.check_drift()
        self._compare_at = None if pause is None else time.monotonic() + pause

    def _refresh(self) -> None:
        try:
            self._refresh_at = time.monotonic() + self._loop.attempt()
        finally:
            self._loop.disconnect()


@dataclass(slots=True, eq=False)
class Polled:
    """A catalogue that is polled, its server, and its upkeep."""

    catalogue: ServedCatalogue
    host: Host
    upkeep: Upkeep
    # A lock on its tokens makes each poll wait, but not those of its neighbours.
    polling: asyncio.Lock = field(default_factory=asyncio.Lock)


class ServicePoller:
    """A poller of any number of catalogues, which has no connection but while it polls.

    A catalogue is polled when a request needs its tokens, and else twice a minute. What a poll
    shows to be due, a comparison or a refresh, is done by other threads.
    """

    def __init__(self, *, may_refresh: bool) -> None:
        self._may_refresh = may_refresh
        self._pollers = ThreadPoolExecutor(POLLERS, "poll")
        self._workers = ThreadPoolExecutor(WORKERS, "upkeep")
        # Only one silent server is tried at a time: the other threads are for those that answer.
        self._probing = asyncio.Lock()

    async def poll(self, polled: Polled, *, since: float | None = None) -> None:
        """Poll now, unless the catalogue was polled since that time or its server is silent."""
        async with polled.polling, polled.host.polling:
            if polled.host.silence is None:
                await self._poll(polled, since)
            else:
                monitor = polled.catalogue.monitor
                monitor.state = replace(monitor.state, error=polled.host.silence)

    async def visit(self, host: Host, catalogues: list[Polled]) -> None:
        """Poll those of the server's catalogues that are due."""
        for each in catalogues:
            if host.silence is not None:
                async with self._probing, each.polling, host.polling:
                    await self._poll(each, None)
                if host.silence is not None:
                    return
            elif _is_due(each.catalogue):
                await self.poll(each)

    def close(self, polled: Sequence[Polled]) -> None:
        """Accept no more work, and cancel what is running."""
        self._pollers.shutdown(wait=False, cancel_futures=True)
        self._workers.shutdown(wait=False, cancel_futures=True)
        for each in polled:
            each.upkeep.stop()
            each.upkeep.cancel()

    async def _poll(self, polled: Polled, since: float | None) -> None:
        monitor = polled.catalogue.monitor
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._pollers, partial(monitor.poll, since=since))
        polled.host.silence = monitor.state.error if monitor.is_silent else None
        work = polled.upkeep.find_due(may_refresh=self._may_refresh)
        if work is not None:
            polled.upkeep.running = self._workers.submit(work)


def _is_due(catalogue: ServedCatalogue) -> bool:
    monitor = catalogue.monitor
    interval = IDLE_POLL_INTERVAL if monitor.state.error is None else FAILED_POLL_INTERVAL
    return time.monotonic() - monitor.polled_at >= interval
