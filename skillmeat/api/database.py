"""The servers of one catalogue: a primary for writes, and standbys for reads."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal, TypeVar
from weakref import WeakKeyDictionary

from psycopg.errors import ConnectionTimeout

from skillmeat.api.config import ServerConfig
from skillmeat.api.connection import DatabasePool
from skillmeat.api.shared_pool import SharedPool
from skillmeat.api.standby_monitor import CONNECT_TIMEOUT, StandbyMonitor
from skillmeat.database.connection import CatalogueConnection
from skillmeat.database.positions import Position, get_position, wait_for_position
from skillmeat.database.query import Conn
from skillmeat.database.recording import QueryStats
from skillmeat.database.standbys import Standby, list_standbys
from skillmeat.errors import CannotConnect, SkillMeatError

Result = TypeVar("Result")
Server = Literal["primary", "standby"]

# Why a standby or the primary answered a read: labels of the metrics.
REPLAYED: Final = "replayed"
UNUSABLE: Final = "unusable"
FAILED: Final = "failed"
LAG: Final = "lag"
POSITION: Final = "position"


@dataclass(slots=True)
class RequestPosition:
    """What a request must see, and where its answer comes from.

    `after` is the position that the client has. The answer includes every commit up to `position`.
    """

    after: Position | None = None
    server: Server | None = None
    position: Position | None = None


class _NotReplayed(Exception):
    """The standby lacks what the request must see; `reason` is a label of the metrics."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Database:
    """A primary for writes, and the standbys of `config.read_url` for reads.

    The arguments are those of `DatabasePool`. `reads` counts where reads went, and why.
    """

    def __init__(
        self,
        pool: SharedPool,
        config: ServerConfig,
        url: str | None = None,
        *,
        schema: str | None = None,
        shares: Sequence[asyncio.Semaphore] = (),
    ) -> None:
        self.reads: Counter[tuple[Server, str]] = Counter()
        standbys = list_standbys(config.read_url) if config.read_url else ()
        self.monitor = StandbyMonitor(standbys, url, schema=schema, max_lag=config.max_lag)
        self._primary = DatabasePool(pool, config, url, schema=schema, shares=shares)
        self._standbys = {
            each: _StandbyPool(self.monitor, each, pool, config, schema=schema, shares=shares)
            for each in standbys
        }
        self._turn = 0

    @property
    def has_standbys(self) -> bool:
        """Whether reads go to standbys."""
        return bool(self._standbys)

    def abandon_if(self, is_silent: Callable[[], bool]) -> None:
        """Let a request to the primary wait no longer if another connection finds it silent."""
        self._primary.is_abandoned = is_silent

    def open(self) -> None:
        """Begin to poll the standbys, if there are any."""
        if self.has_standbys:
            self.monitor.open()

    def close(self) -> None:
        """Stop polling, close the idle connections, and the others when their work is done."""
        if self.has_standbys:
            self.monitor.close()
        for each in (self._primary, *self._standbys.values()):
            each.close()

    async def write(
        self,
        stats: QueryStats,
        work: Callable[[Conn], Result],
        request: RequestPosition | None = None,
    ) -> Result:
        """Call `work` with a connection to the primary in autocommit, and return its result.

        With `request`, record its position. Raises `PoolTimeout` if no connection becomes free in
        time, and every error of `work`.
        """
        if request is None:
            return await self._primary.run(stats, work)

        def write_and_locate(conn: Conn) -> Result:
            result = work(conn)
            request.server, request.position = "primary", get_position(conn)
            return result

        return await self._primary.run(stats, write_and_locate)

    async def read(
        self,
        stats: QueryStats,
        work: Callable[[Conn], Result],
        request: RequestPosition | None = None,
    ) -> Result:
        """Call `work` with a connection to a standby that includes `request.after`.

        The primary answers if the standby fails in any way. Another standby does if the primary is
        gone. Raises as `write`.
        """
        if request is None or not self._standbys:
            return await self._primary.run(stats, work)
        reason = UNUSABLE
        if standbys := self._take_turns():
            try:
                return await self._read_standby(standbys[0], stats, work, request)
            except _NotReplayed as error:
                reason = error.reason
            except SkillMeatError:
                # The standby may be gone, or cancel what conflicts with its recovery; it may also
                # be behind a migration. Any other error the primary raises again.
                reason = FAILED
        try:
            result = await self._primary.run(stats, work)
        except CannotConnect as error:
            # Meanwhile a standby may be back, such as a proxy that has lost one of its servers.
            for each in self._take_turns():
                with suppress(_NotReplayed, SkillMeatError):
                    return await self._read_standby(
                        each, stats, work, request, is_primary_gone=True
                    )
            if reason != POSITION:
                raise
            message = f"no standby has what you wrote yet, and the primary does not answer: {error}"
            raise CannotConnect(message) from error
        request.server = "primary"
        self.reads["primary", reason] += 1
        return result

    def _take_turns(self) -> list[Standby]:
        """List the usable standbys, each request beginning with the next one."""
        usable = self.monitor.list_usable()
        self._turn += 1
        first = self._turn % len(usable) if usable else 0
        return usable[first:] + usable[:first]

    async def _read_standby(
        self,
        standby: Standby,
        stats: QueryStats,
        work: Callable[[Conn], Result],
        request: RequestPosition,
        *,
        is_primary_gone: bool = False,
    ) -> Result:
        pool = self._standbys[standby]

        def locate_and_read(conn: Conn) -> Result:
            position = pool.locate(conn, request.after)
            if not is_primary_gone and self.monitor.is_forked(position):
                # It was promoted since the last poll, or follows a server that was.
                raise _NotReplayed(UNUSABLE)
            result = work(conn)
            request.server, request.position = "standby", position
            return result

        try:
            try:
                result = await pool.run(stats, locate_and_read)
            except CannotConnect as error:
                if isinstance(error.__cause__, ConnectionTimeout):
                    raise
                # The connection was lost: a proxy leads the next one to another server.
                result = await pool.run(stats, locate_and_read)
        except CannotConnect as error:
            self.monitor.report_failure(standby, error)
            raise
        self.reads["standby", REPLAYED] += 1
        return result


class _StandbyPool(DatabasePool):
    """The connections to a standby, which requests abandon if the monitor finds it silent."""

    connect_timeout = CONNECT_TIMEOUT

    def __init__(  # noqa: PLR0913 - those of its base
        self,
        monitor: StandbyMonitor,
        standby: Standby,
        pool: SharedPool,
        config: ServerConfig,
        *,
        schema: str | None,
        shares: Sequence[asyncio.Semaphore],
    ) -> None:
        super().__init__(pool, config, standby.conninfo, schema=schema, shares=shares)
        self._monitor = monitor
        self.is_abandoned = lambda: not monitor.states[standby].is_reachable
        self._known: WeakKeyDictionary[Conn, Position] = WeakKeyDictionary()

    def locate(self, conn: Conn, after: Position | None) -> Position:
        """Return what the standby has replayed, which includes `after`.

        Raises `_NotReplayed`. Behind a proxy, each connection may lead to another standby, so only
        the connection itself knows.
        """
        floor = self._monitor.get_floor()
        known = self._known.get(conn)
        if after is None:
            found = get_position(conn, known=known)
        elif (replayed := wait_for_position(conn, after, known=known)) is not None:
            found = replayed
        else:
            raise _NotReplayed(POSITION)
        if floor is not None and found.timeline < floor.timeline:
            found = get_position(conn)
        if isinstance(conn, CatalogueConnection) and not conn.is_pooled:
            self._known[conn] = found
        if floor is None or not found.includes(floor):
            raise _NotReplayed(LAG)
        return found
