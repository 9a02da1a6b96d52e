"""A catalogue that this server serves: its connections, its monitor, its tokens, its refresher."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    nullcontext,
)
from functools import partial
from types import MappingProxyType
from typing import Protocol, cast

from fastapi import Request
from fastapi.security import HTTPAuthorizationCredentials

from skillmeat.api.auth import Authenticator
from skillmeat.api.config import ServerConfig
from skillmeat.api.database import Database
from skillmeat.api.monitor import DatabaseMonitor
from skillmeat.api.shared_pool import SharedPool
from skillmeat.maintenance.refresh import Refresher, RefreshEvent

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
        self.monitor = DatabaseMonitor(url, schema, keeps_connection=service is None)
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
    """The catalogue of a server that serves no other: it needs no token to be found."""

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
        self._catalogue = ServedCatalogue(config, pool, url)
        self._has_refresher = config.refresh
        self._on_refresh = on_refresh

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
        catalogue = self._catalogue
        refresher: AbstractContextManager[object] = nullcontext()
        if self._has_refresher:
            refresher = Refresher(catalogue.url, on_event=partial(self._on_refresh, None))
        catalogue.database.open()
        await asyncio.to_thread(catalogue.monitor.open)
        with refresher:
            yield
        await asyncio.to_thread(catalogue.monitor.close)
        await asyncio.to_thread(catalogue.database.close)

    async def find(self, _: HTTPAuthorizationCredentials | None) -> ServedCatalogue:
        """Return the catalogue; its authenticator checks the token."""
        return self._catalogue


def get_catalogue(request: Request) -> ServedCatalogue:
    """Return the catalogue that answers the request."""
    return cast("ServedCatalogue", request.state.catalogue)
