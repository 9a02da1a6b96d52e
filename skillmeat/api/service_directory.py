"""The catalogues of libpq's service file: which one a token opens, and where each one is."""

import asyncio
import logging
import math
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi.security import HTTPAuthorizationCredentials
from psycopg.conninfo import make_conninfo

from skillmeat import settings
from skillmeat.api.auth import INVALID_TOKEN, MISSING_TOKEN, unauthorized
from skillmeat.api.config import ServerConfig
from skillmeat.api.monitor import POLL_INTERVAL, DatabaseState
from skillmeat.api.served_catalogue import OnRefresh, ServedCatalogue
from skillmeat.api.service_poller import CONNECTIONS, TICK, Host, Polled, ServicePoller, Upkeep
from skillmeat.api.shared_pool import SharedPool
from skillmeat.catalogue.tokens import hash_secret
from skillmeat.database.revisions import get_head
from skillmeat.errors import CannotConnect, SkillMeatError, translate_errors
from skillmeat.settings.services import Service, ServiceFileWatcher, list_services

LOGGER: Final = logging.getLogger("skillmeat.api")

# The part of the connections that the requests to one catalogue, or to one server, use at most.
CATALOGUE_SHARE: Final = 1 / 2
HOST_SHARE: Final = 3 / 4
# The server starts without the catalogues that have not answered by then.
START_TIMEOUT: Final = 10.0
# Unknown tokens are looked up in all catalogues, which costs each server a connection: the server
# rests nine times as long as that took, but no longer than this.
MAX_SEARCH_REST: Final = 3.0
SEARCH_REST: Final = 9
SHARED_TOKEN: Final = "several catalogues have this token: revoke it, and create one for each"  # noqa: S105
UNSURE: Final = "this token is unknown, but some catalogues have not answered yet: try again"


class ServiceDirectory:
    """All catalogues of libpq's service file, by the tokens that each of them has itself.

    The file is read again once it has been changed: a new service is served, a removed one is not,
    and a service that names another server is served from there.
    """

    are_services = True

    def __init__(self, config: ServerConfig, pool: SharedPool, on_refresh: OnRefresh) -> None:
        self._config = config
        self._pool = pool
        self._on_refresh = on_refresh
        self._poller = ServicePoller(may_refresh=config.refresh)
        self._default_schema = settings.get_schema()
        self._revision = get_head()
        self._file = ServiceFileWatcher()
        self._hosts: dict[tuple[str, ...], Host] = {}
        self._services: dict[str, Service] = {}
        self._polled: dict[str, Polled] = {}
        self.refused: dict[str, str] = {}
        self._searching = asyncio.Lock()
        self._searched_at = 0.0
        self._search_after = 0.0
        self._read(list_services())

    @property
    def is_public(self) -> bool:
        """Whether a request needs no token: never, because the token names the catalogue."""
        return False

    @property
    def served(self) -> Sequence[ServedCatalogue]:
        """The catalogues."""
        return [each.catalogue for each in self._polled.values()]

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Poll and refresh while the block runs."""
        polls = [asyncio.create_task(self._poller.poll(each)) for each in self._polled.values()]
        # asyncio refuses to wait for nothing: each service of the file may be refused.
        if polls:
            await asyncio.wait(polls, timeout=START_TIMEOUT)
        for each in self.served:
            self._report(each)
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.to_thread(self._poller.close, [*self._polled.values()])

    async def find(self, credentials: HTTPAuthorizationCredentials | None) -> ServedCatalogue:
        """Return the catalogue that has the token.

        Raises `HTTPException` 401 if none has it, or several have, and `CannotConnect` if the
        catalogue's server does not answer.
        """
        if credentials is None:
            raise unauthorized(MISSING_TOKEN)
        self._read_changes()
        token_hash = hash_secret(credentials.credentials)
        found = self._find_known(token_hash) or await self._search(token_hash)
        if not found:
            if any(_is_unread(each.catalogue.monitor.state) for each in self._polled.values()):
                raise CannotConnect(UNSURE)
            raise unauthorized(INVALID_TOKEN)
        await self._refresh_tokens(found)
        found = self._find_known(token_hash)
        if len(found) > 1:
            names = ", ".join(str(each.catalogue.service) for each in found)
            LOGGER.error("these services have a token in common, which is refused: %s", names)
            raise unauthorized(SHARED_TOKEN)
        if not found:
            raise unauthorized(INVALID_TOKEN)
        return found[0].catalogue

    def _find_known(self, token_hash: str) -> list[Polled]:
        return [
            each
            for each in self._polled.values()
            if token_hash in (each.catalogue.monitor.state.tokens or ())
        ]

    async def _refresh_tokens(self, found: Sequence[Polled]) -> None:
        """Poll the catalogues whose tokens are older than two seconds."""
        for each in found:
            if each.host.silence is not None:
                raise CannotConnect(each.host.silence)
            since = time.monotonic() - POLL_INTERVAL
            if each.catalogue.monitor.polled_at < since:
                await self._poller.poll(each, since=since)

    async def _search(self, token_hash: str) -> list[Polled]:
        """Poll all catalogues for a token that is new to this server, or of no catalogue."""
        arrived = time.monotonic()
        async with self._searching:
            if self._searched_at < arrived:
                await asyncio.sleep(max(self._search_after - time.monotonic(), 0))
                self._searched_at = started = time.monotonic()
                polls = [self._poller.poll(each, since=arrived) for each in self._polled.values()]
                await asyncio.gather(*polls)
                ended = time.monotonic()
                self._search_after = ended + min(SEARCH_REST * (ended - started), MAX_SEARCH_REST)
        return self._find_known(token_hash)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self._read_changes()
            for host in self._hosts.values():
                if host.visit is None or host.visit.done():
                    here = [each for each in self._polled.values() if each.host is host]
                    host.visit = asyncio.create_task(self._poller.visit(host, here))

    def _read_changes(self) -> None:
        """Read the service file again if it has been changed."""
        if not self._file.has_changed():
            return
        try:
            self._read(list_services())
        except SkillMeatError as error:
            # An editor may be writing it.
            LOGGER.warning("%s; all services stay as they are", error)
        else:
            LOGGER.info("the service file has changed: serving %s", ", ".join(self._polled))

    def _read(self, services: Sequence[Service]) -> None:
        wanted: dict[tuple[str | None, ...], Service] = {}
        for each in services:
            first = wanted.setdefault(_get_place(each, self._default_schema), each)
            if first is not each:
                # Every token would open both.
                LOGGER.info("service %s is served as %s, the same catalogue", each.name, first.name)
        kept = {each.name: each for each in wanted.values()}
        for name, known in list(self._services.items()):
            if kept.get(name) != known:
                self._remove(name)
        for name, service in kept.items():
            if name not in self._services:
                self._add(service)
        used = {each.host for each in self._polled.values()}
        self._hosts = {key: host for key, host in self._hosts.items() if host in used}

    def _add(self, service: Service) -> None:
        self._services[service.name] = service
        size = self._config.connections - CONNECTIONS
        host = self._hosts.setdefault(_get_address(service), Host(math.ceil(size * HOST_SHARE)))
        share = asyncio.Semaphore(math.ceil(size * CATALOGUE_SHARE))
        try:
            # Read from the file once: libpq would read it for every connection. An application_name
            # makes it a conninfo even if the section is empty.
            with translate_errors():
                url = make_conninfo("", **{"application_name": "skillmeat", **service.parameters})
            catalogue = ServedCatalogue(
                self._config,
                self._pool,
                url,
                schema=service.schema or self._default_schema,
                service=service.name,
                shares=(share, host.share),
            )
            catalogue.database.abandon_if(host.is_silent)
        except SkillMeatError as error:
            LOGGER.error("service %s is not served: %s", service.name, error)  # noqa: TRY400
            self.refused[service.name] = str(error)
            return
        catalogue.monitor.expected_revision = self._revision
        upkeep = Upkeep(catalogue, partial(self._on_refresh, service.name))
        self._polled[service.name] = Polled(catalogue, host, upkeep)

    def _remove(self, name: str) -> None:
        del self._services[name]
        self.refused.pop(name, None)
        removed = self._polled.pop(name, None)
        if removed is not None:
            removed.catalogue.database.close()
            removed.upkeep.stop()

    def _report(self, catalogue: ServedCatalogue) -> None:
        state = catalogue.monitor.state
        if state.error is not None:
            LOGGER.warning("service %s does not answer: %s", catalogue.service, state.error)
        elif state.tokens is None:
            LOGGER.warning(
                "service %s: its role may not read api_tokens, so no request reaches it: use "
                "another role",
                catalogue.service,
            )
        elif not state.tokens:
            LOGGER.warning(
                "service %s has no token, so no request reaches it: run "
                "`skillmeat --service %s token create NAME`",
                catalogue.service,
                catalogue.service,
            )


def _get_address(service: Service) -> tuple[str, ...]:
    """Return what names the service's server: its hosts and ports."""
    return tuple(_get_parameter(service, each) for each in ("host", "hostaddr", "port"))


def _get_place(service: Service, default_schema: str) -> tuple[str | None, ...]:
    """Return what names the service's catalogue, in the words of the file."""
    user = _get_parameter(service, "user")
    database = _get_parameter(service, "dbname") or user
    return (*_get_address(service), database, service.schema or default_schema)


def _get_parameter(service: Service, name: str) -> str:
    variable = "PGDATABASE" if name == "dbname" else f"PG{name.upper()}"
    return service.parameters.get(name) or os.environ.get(variable, "")


def _is_unread(state: DatabaseState) -> bool:
    return state.tokens is None and state.error is not None
