"""A catalogue that this server serves: its connections, its monitor, its tokens, its refresher."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, suppress
from functools import partial
from types import MappingProxyType
from typing import Final, Protocol, cast

from fastapi import Request
from fastapi.security import HTTPAuthorizationCredentials

from skillmeat.api.auth import Authenticator
from skillmeat.api.config import ServerConfig
from skillmeat.api.database import Database
from skillmeat.api.monitor import DatabaseMonitor
from skillmeat.api.shared_pool import SharedPool
from skillmeat.database.connection import find_url, parse_url
from skillmeat.errors import SkillMeatError
from skillmeat.maintenance.refresh import Refresher, RefreshEvent
from skillmeat.settings.services import Service, ServiceFileWatcher, find_service

LOGGER: Final = logging.getLogger("skillmeat.api")
# Much shorter than a write is repeated for while its copy is being moved.
FILE_INTERVAL: Final = 0.25

# Called with the name of the service, or None if the server serves only one catalogue.
OnRefresh = Callable[[str | None, RefreshEvent], None]


class ServedCatalogue:
    """Everything of a server that belongs to one catalogue.

    `url` and `schema` are as for `skillmeat.connect`. `service` is the catalogue's name in libpq's
    service file, if the server serves all of that file. Raises `CannotConnect` for an invalid URL,
    and `ServerError` if the embedded server does not start.
    """

    def __init__(  # noqa: PLR0913 - what names the catalogue, and what the server shares
        self,
        config: ServerConfig,
        pool: SharedPool,
        url: str | None = None,
        *,
        schema: str | None = None,
        service: str | None = None,
        shares: Sequence[asyncio.Semaphore] = (),
    ) -> None:
        self.url = url
        self.schema = schema
        self.service = service
        self.database = Database(pool, config, url, schema=schema, shares=shares)
        self.monitor = DatabaseMonitor(url, schema, is_only_one=service is None)
        self.authenticator = Authenticator(config, self.monitor)
        self.importing = asyncio.Lock()


class Catalogues(Protocol):
    """The catalogues of a server; `are_services` if it serves all of libpq's service file."""

    are_services: bool

    @property
    def refused(self) -> Mapping[str, str]:
        """The error of each service that cannot be served as the file has it."""

    @property
    def is_public(self) -> bool:
        """Whether a request needs no token."""

    @property
    def served(self) -> Sequence[ServedCatalogue]:
        """The catalogues that are served now."""

    def opened(self) -> AbstractAsyncContextManager[None]:
        """Poll and refresh while the block runs."""

    async def find(self, credentials: HTTPAuthorizationCredentials | None) -> ServedCatalogue:
        """Return the catalogue that a request with this token means.

        Raises `HTTPException` 401, and `CannotConnect` if the tokens cannot be read.
        """


class OneCatalogue:
    """The catalogue of a server that serves no other: it needs no token to be found.

    If its URL names a service, the catalogue is served from where the service file says now.
    """

    are_services = False
    refused: Mapping[str, str] = MappingProxyType({})

    def __init__(
        self,
        config: ServerConfig,
        pool: SharedPool,
        on_refresh: OnRefresh,
        *,
        url: str | None = None,
    ) -> None:
        self._config = config
        self._pool = pool
        self._on_refresh = on_refresh
        self._url = find_url(url)
        self._file = ServiceFileWatcher()
        self._service = _find_service(self._url)
        self._catalogue = ServedCatalogue(config, pool, url)
        self._running = ExitStack()

    @property
    def is_public(self) -> bool:
        """Whether a request needs no token."""
        return self._catalogue.authenticator.is_public

    @property
    def served(self) -> Sequence[ServedCatalogue]:
        """The catalogue."""
        return (self._catalogue,)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Poll and refresh while the block runs."""
        self._running = await asyncio.to_thread(self._start, self._catalogue)
        stopping = asyncio.Event()
        following = asyncio.create_task(self._follow(stopping))
        try:
            yield
        finally:
            stopping.set()
            await following
            await asyncio.to_thread(self._running.close)

    async def find(self, _: HTTPAuthorizationCredentials | None) -> ServedCatalogue:
        """Return the catalogue; its authenticator checks the token."""
        return self._catalogue

    def _start(self, catalogue: ServedCatalogue) -> ExitStack:
        """Poll the catalogue once, then continue in threads until the stack is closed."""
        with ExitStack() as running:
            running.callback(catalogue.database.close)
            catalogue.database.open()
            running.callback(catalogue.monitor.close)
            catalogue.monitor.open()
            if self._config.refresh:
                on_event = partial(self._on_refresh, None)
                running.enter_context(Refresher(catalogue.url, on_event=on_event))
            return running.pop_all()

    async def _follow(self, stopping: asyncio.Event) -> None:
        """Serve the catalogue from where its service leads, until the server stops.

        Requests that have begun end on the connections that they have.
        """
        while self._service is not None and not stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(FILE_INTERVAL):
                    await stopping.wait()
            if not self._file.has_changed():
                continue
            try:
                service = _find_service(self._url)
                if service in (None, self._service):
                    continue
                catalogue = ServedCatalogue(self._config, self._pool, self._url)
                running = await asyncio.to_thread(self._start, catalogue)
            except SkillMeatError as error:
                # An editor may be writing it.
                LOGGER.warning("%s; the service stays as it is", error)
                continue
            LOGGER.info("service %s has changed: new connections go there", self._service.name)
            self._service, self._catalogue = service, catalogue
            ended, self._running = self._running, running
            await asyncio.to_thread(ended.close)


def _find_service(url: str | None) -> Service | None:
    """Return the service that the URL names, None if it names none or there is no such service."""
    name = None if url is None else parse_url(url).get("service")
    return None if name is None else find_service(str(name))


def get_catalogue(request: Request) -> ServedCatalogue:
    """Return the catalogue that answers the request."""
    return cast("ServedCatalogue", request.state.catalogue)
