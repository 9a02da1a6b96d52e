"""The server's way to the database: a pool, and threads that use it, so many and no more."""

import asyncio
import select
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final, TypeVar

import psycopg
from psycopg import Connection

from skillmeat.api.config import Options
from skillmeat.api.tally import Tally, TallyingConnection
from skillmeat.connection import pool
from skillmeat.errors import CannotConnect, translated
from skillmeat.query import Conn

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

# Not found again for a few seconds, it is looked for at the next request.
SECONDS_TO_RECONNECT: Final = 3.0
LIMITS: Final = """
    select
        set_config('statement_timeout', %(statement)s, false),
        set_config('lock_timeout', %(lock)s, false)
"""

Result = TypeVar("Result")


class Busy(Exception):
    """Every connection is in use, and stayed so."""


class Database:
    """Runs work on a connection in autocommit, in a thread.

    `run` raises `Busy` where none became free in time, and what the work raises.
    """

    def __init__(self, options: Options, url: str | None = None) -> None:
        self._wait_seconds = options.wait_seconds
        self._patience = options.statement_seconds + options.wait_seconds
        self._limits = {
            "statement": f"{options.statement_seconds * 1000:.0f}ms",
            "lock": f"{options.wait_seconds * 1000:.0f}ms",
        }
        self._free = asyncio.Semaphore(options.connections)
        self._threads = ThreadPoolExecutor(options.connections, "database")
        self._checking = Lock()
        self._pool: ConnectionPool[Connection] = pool(
            url,
            min_size=min(2, options.connections),
            max_size=options.connections,
            timeout=options.wait_seconds,
            reconnect_timeout=SECONDS_TO_RECONNECT,
            connection_class=TallyingConnection,
            configure=self._limit,
            check=self._refuse_the_dead,
            kwargs={"autocommit": True, "connect_timeout": 5},
        )

    def open(self) -> None:
        """Begin to connect; a server that is not there yet is waited for by those who ask."""
        self._pool.open()

    def close(self) -> None:
        """Let nobody in any more, and wait for those that are inside."""
        self._threads.shutdown()
        self._pool.close()

    async def run(self, tally: Tally, work: Callable[[Conn], Result]) -> Result:
        """What `work` makes of a connection; what it costs is added to `tally`."""
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            message = "all connections to the database are in use: try again"
            raise Busy(message) from None
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._run, tally, work)
        finally:
            self._free.release()

    def stats(self) -> dict[str, int]:
        """What psycopg_pool counts."""
        return self._pool.get_stats()

    def _run(self, tally: Tally, work: Callable[[Conn], Result]) -> Result:
        try:
            with translated(), self._pool.connection() as conn, _counting(conn, tally):
                return work(conn)
        except CannotConnect:
            self._discard_the_dead()
            raise

    def _refuse_the_dead(self, conn: Connection[Any]) -> None:
        # What nobody has asked has nothing to say, but that it ends.
        if _has_something_to_say(conn):
            conn.close()
            self._discard_the_dead()
            message = "the database has ended the connection"
            raise psycopg.OperationalError(message)

    def _discard_the_dead(self) -> None:
        # What broke one connection broke them all, as a restart does: else each would fail once.
        # A server may keep whoever looks waiting, and nobody is to wait for that.
        if self._checking.acquire(blocking=False):
            Thread(target=self._check, name="checking connections", daemon=True).start()

    def _check(self) -> None:
        try:
            self._pool.check()
        finally:
            self._checking.release()

    def _limit(self, conn: Connection[Any]) -> None:
        if isinstance(conn, TallyingConnection):
            conn.patience = self._patience
        try:
            conn.execute(LIMITS, self._limits)
        except psycopg.Error:
            conn.close()
            raise


@contextmanager
def _counting(conn: Conn, tally: Tally) -> Iterator[None]:
    if isinstance(conn, TallyingConnection):
        conn.tally = tally
    try:
        yield
    finally:
        # Whether it still works is asked between requests, and is no statement of the last.
        if isinstance(conn, TallyingConnection):
            conn.tally = Tally()


def _has_something_to_say(conn: Connection[Any]) -> bool:
    poll = select.poll()
    poll.register(conn.fileno(), select.POLLIN)
    return bool(poll.poll(0))
