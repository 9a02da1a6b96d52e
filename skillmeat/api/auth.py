"""Authentication: a request needs a token, unless none exists and the server is local."""

import asyncio
import hmac
import re
import time
from typing import Final

from fastapi import HTTPException, Request, status
from fastapi.security import HTTPAuthorizationCredentials

from skillmeat.api.config import ServerConfig, is_loopback
from skillmeat.api.monitor import DatabaseMonitor
from skillmeat.catalogue.tokens import Scope, hash_secret
from skillmeat.errors import CannotConnect

MISSING_TOKEN: Final = "a token is missing: send the header Authorization: Bearer <token>"  # noqa: S105 - a message
INVALID_TOKEN: Final = "this token is not valid: create one with skillmeat token create"  # noqa: S105
CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
HOST: Final = re.compile(r"(\[[^\]]*\]|[^:]*)(:[0-9]*)?")


class Authenticator:
    """Check of each request's token against the hashes that the monitor has read.

    A request with a known token runs no statement for it.
    """

    def __init__(self, config: ServerConfig, monitor: DatabaseMonitor) -> None:
        self._config = config
        self._monitor = monitor
        self._configured_hash = hash_secret(config.token) if config.token else None

    @property
    def is_public(self) -> bool:
        """Whether no token is needed: none exists, and only this machine can connect."""
        return self._allows_no_token and self._monitor.state.tokens == {}

    @property
    def _may_be_public(self) -> bool:
        # Until the first successful poll it is unknown whether the catalogue has tokens.
        state = self._monitor.state
        return self._allows_no_token and state.tokens is None and state.error is not None

    @property
    def _allows_no_token(self) -> bool:
        return (
            self._configured_hash is None
            and self._config.is_local
            # A request without a token would name no catalogue.
            and not self._config.all_services
        )

    async def authorize(
        self, request: Request, credentials: HTTPAuthorizationCredentials | None, scope: Scope
    ) -> Scope:
        """Accept a request whose token allows `scope`, and return what it allows at most.

        Raises `HTTPException` 401, 403 or 421, and `CannotConnect` if the tokens cannot be read.
        """
        if scope == "write" and self._is_cross_site(request):
            detail = "a page of another site sent this request: allow its origin with --cors-origin"
            raise HTTPException(status.HTTP_403_FORBIDDEN, detail)
        if self.is_public:
            # DNS rebinding: another site may let its host name resolve to this machine.
            if not _is_for_this_machine(request.headers.get("host")):
                detail = "this server has no token and accepts only requests to localhost"
                raise HTTPException(status.HTTP_421_MISDIRECTED_REQUEST, detail)
            return "write"
        if credentials is None:
            if self._may_be_public:
                raise CannotConnect(self._monitor.state.error or "")
            raise unauthorized(MISSING_TOKEN)
        granted = await self._get_scope(hash_secret(credentials.credentials))
        if granted is None:
            if (error := self._monitor.state.error) is not None:
                # The token may be new: without the database this cannot be checked.
                raise CannotConnect(error)
            raise unauthorized(INVALID_TOKEN)
        if scope == "write" and granted != "write":
            detail = "this token may only read: use one with the scope write"
            raise HTTPException(status.HTTP_403_FORBIDDEN, detail)
        return granted

    def _is_cross_site(self, request: Request) -> bool:
        # Cross-site request forgery: without a token, or behind a proxy that adds one, every page
        # in the user's browser may send a POST without a body, which CORS does not prevent.
        origin = request.headers.get("origin")
        return (
            request.headers.get("sec-fetch-site") == "cross-site"
            and origin not in self._config.cors_origins
        )

    async def _get_scope(self, token_hash: str) -> Scope | None:
        if self._configured_hash is not None and hmac.compare_digest(
            self._configured_hash, token_hash
        ):
            return "write"
        tokens = self._monitor.state.tokens or {}
        if token_hash not in tokens:
            await asyncio.to_thread(self._monitor.poll, since=time.monotonic())
            tokens = self._monitor.state.tokens or {}
        return tokens.get(token_hash)


def _is_for_this_machine(host: str | None) -> bool:
    # Only HTTP/1.0 may omit the header, and no browser speaks HTTP/1.0. `request.url` does not
    # help: Starlette puts this server's address there if it cannot parse the header.
    if host is None:
        return True
    match = HOST.fullmatch(host)
    return match is not None and is_loopback(match[1].lower())


def unauthorized(detail: str) -> HTTPException:
    """Return the error of a request without a valid token."""
    return HTTPException(status.HTTP_401_UNAUTHORIZED, detail, headers=CHALLENGE)
