"""The server's connections to its database: a bounded pool that gives up on a silent server."""

import asyncio
import select
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, Thread
from typing import Any, Final, TypeVar

import psycopg
from psycopg import Connection
from psycopg_pool import ConnectionPool, PoolTimeout

from skillmeat.api.config import ServerConfig
from skillmeat.connection import CatalogueConnection, create_pool
from skillmeat.errors import CannotConnect, translate_errors
from skillmeat.query import Conn
from skillmeat.recording import QueryStats, record

# The pool gives up reconnecting after this; the next request starts it again.
RECONNECT_TIMEOUT: Final = 3.0
# Longer than `statement_timeout` lets any statement run.
RESPONSE_TIMEOUT: Final = 15.0
TIMEOUTS: Final = """
    select
        set_config('statement_timeout', %(statement)s, false),
        set_config('lock_timeout', %(lock)s, false)
"""

Result = TypeVar("Result")


class TimeoutConnection(CatalogueConnection):
    """A connection that closes itself if the server is silent for `response_timeout` seconds.

    The host may be down, or the backend may hang. No timeout of the server helps in that case.
    Its methods then raise `psycopg.OperationalError`.
    """

    response_timeout = RESPONSE_TIMEOUT

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        """Wait for the server as psycopg does, up to the timeout."""
        return super().wait(self._with_timeout(gen), *arguments, **options)

    def _with_timeout(self, waiting: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        deadline = time.monotonic() + self.response_timeout
        try:
            wanted = next(waiting)
            while True:
                # psycopg resumes this generator ten times a second, with 0 if no data has arrived.
                ready = yield wanted
                if not ready and time.monotonic() > deadline:
                    self.close()
                    message = (
                        f"the database sent nothing for {self.response_timeout:g} s: try again"
                    )
                    raise psycopg.OperationalError(message)
                wanted = waiting.send(ready)
        except StopIteration as end:
            return end.value


class DatabasePool:
    """Pooled connections in autocommit, with a thread for each.

    Requests wait for a connection in the event loop, so a burst of requests needs no more threads.
    """

    def __init__(self, config: ServerConfig, url: str | None = None) -> None:
        self._pool_timeout = config.pool_timeout
        self._response_timeout = config.statement_timeout + config.pool_timeout
        self._timeouts = {
            "statement": f"{config.statement_timeout * 1000:.0f}ms",
            "lock": f"{config.pool_timeout * 1000:.0f}ms",
        }
        self._free = asyncio.Semaphore(config.connections)
        self._threads = ThreadPoolExecutor(config.connections, "database")
        self._checking = Lock()
        self._pool: ConnectionPool[Any] = create_pool(
            url,
            min_size=min(2, config.connections),
            max_size=config.connections,
            timeout=config.pool_timeout,
            reconnect_timeout=RECONNECT_TIMEOUT,
            connection_class=TimeoutConnection,
            configure=self._set_timeouts,
            check=self._check_connection,
            kwargs={"autocommit": True, "connect_timeout": 5},
        )

    def open(self) -> None:
        """Begin to connect, without waiting for the database."""
        self._pool.open()

    def close(self) -> None:
        """Accept no more work, and wait for the running work."""
        self._threads.shutdown()
        self._pool.close()

    async def run(self, stats: QueryStats, work: Callable[[Conn], Result]) -> Result:
        """Call `work` with a connection, return its result, and add its statements to `stats`.

        Raises `PoolTimeout` if no connection becomes free in time, and every error of `work`.
        """
        try:
            async with asyncio.timeout(self._pool_timeout):
                await self._free.acquire()
        except TimeoutError:
            message = "all connections to the database are in use: try again"
            raise PoolTimeout(message) from None
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._run, stats, work)
        finally:
            self._free.release()

    def get_stats(self) -> dict[str, int]:
        """Return the counters of psycopg_pool."""
        return self._pool.get_stats()

    def _run(self, stats: QueryStats, work: Callable[[Conn], Result]) -> Result:
        try:
            with translate_errors(), self._pool.connection() as conn, record(conn, stats):
                return work(conn)
        except CannotConnect:
            self._discard_broken_connections()
            raise

    def _check_connection(self, conn: Connection[Any]) -> None:
        # On an idle connection the server sends nothing but the end of the connection.
        if _has_input(conn):
            conn.close()
            self._discard_broken_connections()
            message = "the database closed the connection"
            raise psycopg.OperationalError(message)

    def _discard_broken_connections(self) -> None:
        # A restart breaks all connections. Without this check each would fail one request.
        # The check may wait for a silent server, so it has a thread of its own.
        if self._checking.acquire(blocking=False):
            Thread(target=self._check_all, name="checking connections", daemon=True).start()

    def _check_all(self) -> None:
        try:
            self._pool.check()
        finally:
            self._checking.release()

    def _set_timeouts(self, conn: TimeoutConnection) -> None:
        conn.response_timeout = self._response_timeout
        if conn.is_pooled:
            # The settings would stay with the server's session, for other clients of the pooler.
            return
        try:
            conn.execute(TIMEOUTS, self._timeouts)
        except psycopg.Error:
            conn.close()
            raise


def _has_input(conn: Connection[Any]) -> bool:
    poll = select.poll()
    poll.register(conn.fileno(), select.POLLIN)
    return bool(poll.poll(0))
