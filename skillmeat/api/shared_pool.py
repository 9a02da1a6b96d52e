"""The connections of the whole process: one bound on those of all catalogues, a thread for each."""

import asyncio
import select
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, Protocol, TypeVar

from psycopg import Connection
from psycopg.pq import TransactionStatus
from psycopg_pool import PoolTimeout

from skillmeat.api.worker_threads import WorkerThreads
from skillmeat.database.query import Conn
from skillmeat.errors import CannotConnect, translate_errors

# An idle connection keeps the memory of a process of the server.
MAX_IDLE: Final = 60.0
# A process of the server grows with what it has read.
MAX_AGE: Final = 3600.0

Result = TypeVar("Result")


@dataclass(slots=True, eq=False)
class _Pooled:
    conn: Connection[Any]
    target: "Target"
    opened_at: float = field(default_factory=time.monotonic)
    used_at: float = 0.0


class Target(Protocol):
    """A database to which the pool connects."""

    @property
    def is_closed(self) -> bool:
        """Whether nothing may connect to it any more."""

    def connect(self) -> Connection[Any]:
        """Open a connection in autocommit."""


class SharedPool:
    """At most `size` connections to any number of targets.

    A target has no connection until it needs one. If all places are taken, the connection that has
    been idle for the longest time is closed, whatever its target. Work waits for a connection in
    the event loop, so a burst of requests needs no more threads.
    """

    def __init__(self, size: int, *, timeout: float) -> None:
        self.waiting = 0
        self._size = size
        self._timeout = timeout
        self._free = asyncio.Semaphore(size)
        self._threads = WorkerThreads(size, "database")
        self._lock = Lock()
        self._open = 0
        # In the order of their last use.
        self._idle: dict[_Pooled, None] = {}

    async def run(
        self,
        target: Target,
        work: Callable[[Conn], Result],
        *,
        shares: Sequence[asyncio.Semaphore] = (),
    ) -> Result:
        """Call `work` with a connection to the target, and return its result.

        Each of `shares` bounds how many connections its users have at once. Raises `PoolTimeout` if
        no connection becomes free in time, and every error of `work`.
        """
        held: list[asyncio.Semaphore] = []
        try:
            await self._acquire((*shares, self._free), held)
            return await self._threads.run(self._run, target, work)
        finally:
            for each in held:
                each.release()

    @property
    def open(self) -> int:
        """The number of connections."""
        return self._open

    @property
    def idle(self) -> int:
        """The number of connections that no request uses."""
        return len(self._idle)

    def close_idle(self, *, longer_than: float = MAX_IDLE, target: Target | None = None) -> None:
        """Close the connections, or those to the target, that no request has used for so long."""
        used_before = time.monotonic() - longer_than
        with self._lock:
            ended = [
                each
                for each in self._idle
                if each.used_at <= used_before and target in (None, each.target)
            ]
            for each in ended:
                del self._idle[each]
            # Now: with all places taken, a thread that connects expects an idle connection.
            self._open -= len(ended)
        for each in ended:
            each.conn.close()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Close connections that stay idle while the block runs; then finish the running work."""
        closing = asyncio.create_task(self._keep_closing_idle())
        try:
            yield
        finally:
            closing.cancel()
            await asyncio.to_thread(self._threads.shutdown)
            self.close_idle(longer_than=0)

    async def _keep_closing_idle(self) -> None:
        while True:
            await asyncio.sleep(MAX_IDLE / 4)
            self.close_idle()

    async def _acquire(
        self, wanted: Sequence[asyncio.Semaphore], held: list[asyncio.Semaphore]
    ) -> None:
        self.waiting += 1
        try:
            is_full = any(each.locked() for each in wanted)
            # A timer for every request would cost more than all the rest of this function.
            async with asyncio.timeout(self._timeout if is_full else None):
                # What waits for its own share is not yet in the queue of all others.
                for each in wanted:
                    await each.acquire()
                    held.append(each)
        except TimeoutError:
            message = "all connections to the database are in use: try again"
            raise PoolTimeout(message) from None
        finally:
            self.waiting -= 1

    def _run(self, target: Target, work: Callable[[Conn], Result]) -> Result:
        try:
            with translate_errors(), self._connection(target) as conn:
                return work(conn)
        except CannotConnect:
            # A restart of the server breaks all connections to it.
            self.close_idle(longer_than=0, target=target)
            raise

    @contextmanager
    def _connection(self, target: Target) -> Iterator[Connection[Any]]:
        pooled = self._take(target) or self._connect(target)
        try:
            yield pooled.conn
        finally:
            self._give_back(pooled)

    def _take(self, target: Target) -> _Pooled | None:
        while True:
            with self._lock:
                found = next((each for each in reversed(self._idle) if each.target is target), None)
                if found is None:
                    return None
                del self._idle[found]
            # On an idle connection the server sends nothing but the end of the connection.
            if not _has_input(found.conn):
                return found
            self._close(found)

    def _connect(self, target: Target) -> _Pooled:
        with self._lock:
            # Each connection in use has a thread: if all places are taken, some connection is idle.
            evicted = next(iter(self._idle)) if self._open == self._size else None
            if evicted is not None:
                del self._idle[evicted]
                self._open -= 1
            self._open += 1
        if evicted is not None:
            evicted.conn.close()
        try:
            return _Pooled(target.connect(), target)
        except BaseException:
            with self._lock:
                self._open -= 1
            raise

    def _give_back(self, pooled: _Pooled) -> None:
        pooled.used_at = time.monotonic()
        with self._lock:
            if (
                pooled.conn.info.transaction_status == TransactionStatus.IDLE
                and pooled.used_at - pooled.opened_at < MAX_AGE
                and not pooled.target.is_closed
            ):
                self._idle[pooled] = None
                return
        self._close(pooled)

    def _close(self, pooled: _Pooled) -> None:
        pooled.conn.close()
        with self._lock:
            self._open -= 1


def _has_input(conn: Connection[Any]) -> bool:
    poll = select.poll()
    poll.register(conn.fileno(), select.POLLIN)
    return bool(poll.poll(0))
