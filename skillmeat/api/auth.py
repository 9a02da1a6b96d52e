"""Who is let in: by a token, or from this machine where there is none."""

import asyncio
import hmac
import re
import time
from typing import Annotated, Final

from fastapi import Depends, HTTPException, Request, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from skillmeat.api.config import Options, is_loopback
from skillmeat.api.monitor import Observer
from skillmeat.catalogue.tokens import Scope, hash_of
from skillmeat.errors import CannotConnect

BEARER: Final = HTTPBearer(
    auto_error=False, description="A token of `skillmeat token create`, or SKILLMEAT_API_TOKEN."
)
WITHOUT: Final = "a token is needed: Authorization: Bearer ..."
WRONG: Final = "this token is not valid"
CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
HOST: Final = re.compile(r"(\[[^\]]*\]|[^:]*)(:[0-9]*)?")


class Door:
    """Decides for each request what it may."""

    def __init__(self, options: Options, observer: Observer) -> None:
        self._options = options
        self._observer = observer
        self._given = hash_of(options.token) if options.token else None

    @property
    def is_open(self) -> bool:
        """Whether no token is needed: there is none, and nobody else can connect."""
        return self._needs_none and self._observer.seen.tokens == {}

    @property
    def _may_be_open(self) -> bool:
        # Until tokens could be read once nobody knows whether there are any.
        seen = self._observer.seen
        return self._needs_none and seen.tokens is None and seen.trouble is not None

    @property
    def _needs_none(self) -> bool:
        return self._given is None and self._options.is_local

    async def admit(
        self, request: Request, credentials: HTTPAuthorizationCredentials | None, scope: Scope
    ) -> None:
        """Let the request pass, or raise 401, 403 or 421, or `CannotConnect`."""
        if self.is_open:
            # A page of elsewhere may have its own name lead here; it is not the one that is asked.
            if not _is_for_this_machine(request.headers.get("host")):
                detail = "without a token this server answers to localhost alone"
                raise HTTPException(status.HTTP_421_MISDIRECTED_REQUEST, detail)
            return
        if credentials is None:
            if self._may_be_open:
                raise CannotConnect(self._observer.seen.trouble or "")
            raise _unauthorized(WITHOUT)
        known = await self._scope_of(hash_of(credentials.credentials))
        if known is None:
            if (trouble := self._observer.seen.trouble) is not None:
                # It may have been made just now: nobody can tell.
                raise CannotConnect(trouble)
            raise _unauthorized(WRONG)
        if scope == "write" and known != "write":
            detail = "this token may only read"
            raise HTTPException(status.HTTP_403_FORBIDDEN, detail)

    async def _scope_of(self, presented: str) -> Scope | None:
        if self._given is not None and hmac.compare_digest(self._given, presented):
            return "write"
        tokens = self._observer.seen.tokens or {}
        if presented not in tokens:
            await asyncio.to_thread(self._observer.look, since=time.monotonic())
            tokens = self._observer.seen.tokens or {}
        return tokens.get(presented)


def _is_for_this_machine(host: str | None) -> bool:
    # Only HTTP/1.0 may leave it out, which no browser speaks. `request.url` would take our own
    # address for a name that Starlette does not understand, and a browser might.
    if host is None:
        return True
    found = HOST.fullmatch(host)
    return found is not None and is_loopback(found[1].lower())


def _unauthorized(detail: str) -> HTTPException:
    return HTTPException(status.HTTP_401_UNAUTHORIZED, detail, headers=CHALLENGE)


Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]


async def reading(request: Request, credentials: Credentials) -> None:
    """Let in who may read."""
    await request.app.state.door.admit(request, credentials, "read")


async def writing(request: Request, credentials: Credentials) -> None:
    """Let in who may write."""
    await request.app.state.door.admit(request, credentials, "write")
