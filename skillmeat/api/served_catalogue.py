"""A catalogue that this server serves: its pool, its monitor, its tokens and its refresher."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import cast

from fastapi import Request

from skillmeat.api.auth import Authenticator
from skillmeat.api.config import ServerConfig
from skillmeat.api.database import Database
from skillmeat.api.monitor import DatabaseMonitor
from skillmeat.api.shared_pool import SharedPool
from skillmeat.maintenance.refresh import Refresher, RefreshEvent


class ServedCatalogue:
    """Everything of a server that belongs to one catalogue.

    `url` is as for `skillmeat.connect`. Raises `CannotConnect` for an invalid URL, and
    `ServerError` if the embedded server does not start.
    """

    def __init__(self, config: ServerConfig, pool: SharedPool, url: str | None = None) -> None:
        self.url = url
        self.database = Database(pool, config, url)
        self.monitor = DatabaseMonitor(url)
        self.authenticator = Authenticator(config, self.monitor)
        self.importing = asyncio.Lock()
        self._has_refresher = config.refresh

    @asynccontextmanager
    async def opened(self, on_refresh: Callable[[RefreshEvent], None]) -> AsyncIterator[None]:
        """Connect and refresh while the block runs; `on_refresh` gets each event."""
        refresher: AbstractContextManager[object] = nullcontext()
        if self._has_refresher:
            refresher = Refresher(self.url, on_event=on_refresh)
        self.database.open()
        await asyncio.to_thread(self.monitor.open)
        with refresher:
            yield
        await asyncio.to_thread(self.monitor.close)
        await asyncio.to_thread(self.database.close)


def get_catalogue(request: Request) -> ServedCatalogue:
    """Return the catalogue that answers the request."""
    return cast("ServedCatalogue", request.app.state.catalogue)
