"""The server's connections to one catalogue, which give up on a silent server."""

import asyncio
import time
from collections.abc import Callable, Generator, Sequence
from typing import Any, Final, TypeVar

import psycopg
from psycopg.errors import ConnectionTimeout

from skillmeat.api.config import ServerConfig
from skillmeat.api.shared_pool import SharedPool
from skillmeat.database.connection import CatalogueConnection, build_conninfo
from skillmeat.database.query import Conn
from skillmeat.database.recording import QueryStats, record

CONNECT_TIMEOUT: Final = 5
# Longer than `statement_timeout` lets any statement run.
RESPONSE_TIMEOUT: Final = 15.0
NO_ANSWER: Final = "the database does not answer: try again"
TIMEOUTS: Final = """
    select
        set_config('statement_timeout', %(statement)s, false),
        set_config('lock_timeout', %(lock)s, false)
"""

Result = TypeVar("Result")


class TimeoutConnection(CatalogueConnection):
    """A connection that closes itself if the server is silent for `response_timeout` seconds.

    The host may be down, or the backend may hang. No timeout of the server helps in that case.
    Its methods then raise `ConnectionTimeout`.
    """

    response_timeout = RESPONSE_TIMEOUT
    is_abandoned: Callable[[], bool] = staticmethod(lambda: False)
    """Whether another connection has found the server silent: wait no longer."""

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
                if not ready and (time.monotonic() > deadline or self.is_abandoned()):
                    self.close()
                    raise ConnectionTimeout(NO_ANSWER)
                wanted = waiting.send(ready)
        except StopIteration as end:
            return end.value


class ServiceConnection(TimeoutConnection):
    """A connection to one of many catalogues, which may share a pooler and a role."""

    needs_own_path = True


class DatabasePool:
    """The connections of the pool that lead to one catalogue, in autocommit.

    `url` and `schema` are as for `skillmeat.connect`. Each of `shares` bounds how many connections
    its users have at once.
    """

    connect_timeout = CONNECT_TIMEOUT
    is_abandoned: Callable[[], bool] = staticmethod(lambda: False)
    """Whether another connection has found the server silent: no request waits for it."""

    def __init__(
        self,
        pool: SharedPool,
        config: ServerConfig,
        url: str | None = None,
        *,
        schema: str | None = None,
        shares: Sequence[asyncio.Semaphore] = (),
    ) -> None:
        self.is_closed = False
        self._pool = pool
        self._shares = shares
        self._conninfo = build_conninfo(url, schema=schema)
        self._response_timeout = config.statement_timeout + config.pool_timeout
        self._timeouts = {
            "statement": f"{config.statement_timeout * 1000:.0f}ms",
            "lock": f"{config.pool_timeout * 1000:.0f}ms",
        }

    def close(self) -> None:
        """Close the idle connections, and the others when their work is done."""
        self.is_closed = True
        self._pool.close_idle(longer_than=0, target=self)

    async def run(self, stats: QueryStats, work: Callable[[Conn], Result]) -> Result:
        """Call `work` with a connection, return its result, and add its statements to `stats`.

        Raises `PoolTimeout` if no connection becomes free in time, and every error of `work`.
        """

        def recorded(conn: Conn) -> Result:
            with record(conn, stats):
                return work(conn)

        return await self._pool.run(self, recorded, shares=self._shares)

    def connect(self) -> TimeoutConnection:
        """Open a connection with the time limits of requests."""
        if self.is_abandoned():
            # Requests that have queued for a place would keep it until they give up, too.
            raise ConnectionTimeout(NO_ANSWER)
        conn = TimeoutConnection.connect(
            self._conninfo, autocommit=True, connect_timeout=self.connect_timeout
        )
        conn.response_timeout = self._response_timeout
        conn.is_abandoned = self.is_abandoned
        if conn.is_pooled:
            # The settings would stay with the server's session, for other clients of the pooler.
            return conn
        try:
            conn.execute(TIMEOUTS, self._timeouts)
        except psycopg.Error:
            conn.close()
            raise
        return conn
