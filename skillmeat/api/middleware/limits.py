"""The limits on a request's size and on the time in which it arrives."""

import asyncio
import re
from contextlib import suppress
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote_to_bytes

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skillmeat.api.config import ServerConfig

_BODY_HEADERS: Final = frozenset((b"content-length", b"transfer-encoding"))
_MAX_DISCARDED_BYTES: Final = 64 * 2**20


class RequestLimitsMiddleware:
    """Middleware that refuses requests that are too large or arrive too slowly.

    It runs inside the CORS middleware, so scripts of allowed origins can read why. It also decodes
    the path, except for an encoded slash within a segment.
    """

    def __init__(self, app: ASGIApp, *, config: ServerConfig) -> None:
        self._app = app
        self._config = config

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or respond with the limit that it exceeds."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if any(name in _BODY_HEADERS for name, _ in scope["headers"]):
            body = _RequestBody(scope, receive, send, self._config)
            receive, send = body.receive, body.send
        error = self._check_head(scope)
        if error is not None:
            await JSONResponse({"detail": error.detail}, error.status_code)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _check_head(self, scope: Scope) -> HTTPException | None:
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        size = len(scope["raw_path"]) + len(scope["query_string"])
        length = b"0"
        for name, value in headers:
            size += len(name) + len(value)
            if name == b"content-length":
                length = value
        if len(headers) > self._config.max_headers or size > self._config.max_header_bytes:
            detail = (
                f"the URL or the headers are too large: send at most {self._config.max_headers} "
                f"headers and {self._config.max_header_bytes} bytes"
            )
            return HTTPException(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail)
        # The parser has checked that it fits into 64 bits, but any number of zeros may lead it, and
        # Python converts 4,300 digits at most.
        if length.isdigit() and int(length.lstrip(b"0") or b"0") > self._config.max_body_bytes:
            return _make_too_large_error(self._config)
        try:
            scope["path"] = _decode_path(scope["raw_path"])
        except UnicodeDecodeError:
            return HTTPException(
                HTTPStatus.BAD_REQUEST, "the path is not valid UTF-8: encode it as UTF-8"
            )
        return None


class _RequestBody:
    """The body of one request, and the response, sent once the client has sent the body.

    Most clients read the response only then. A server that closes the connection before makes their
    send fail, and they never see the status.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, config: ServerConfig) -> None:
        self._receive = receive
        self._send = send
        self._config = config
        self._deadline = asyncio.get_running_loop().time() + config.request_timeout
        self._size = 0
        self._is_complete = False
        # A client that waits for "100 Continue" sends its body only after the first receive().
        self._is_held_back = any(name == b"expect" for name, _ in scope["headers"])

    async def receive(self) -> Message:
        """Return the next piece. Raises `HTTPException` if it is too late, or one too many."""
        if self._is_complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive_piece()
        except TimeoutError:
            seconds = f"{self._config.request_timeout:g} s"
            detail = f"the body of the request did not arrive within {seconds}: try again"
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, detail) from None
        if self._size > self._config.max_body_bytes:
            raise _make_too_large_error(self._config)
        return message

    async def send(self, message: Message) -> None:
        """Send a part of the response, the first one after the rest of the body has arrived."""
        if message["type"] == "http.response.start" and not self._is_held_back:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._deadline):
                    while not self._is_complete and self._size < _MAX_DISCARDED_BYTES:
                        await self._receive_piece()
        await self._send(message)

    async def _receive_piece(self) -> Message:
        self._is_held_back = False
        message = await self._receive()
        self._is_complete = not message.get("more_body", False)
        self._size += len(message.get("body", b""))
        return message


def _make_too_large_error(config: ServerConfig) -> HTTPException:
    detail = f"the body is too large: send at most {config.max_body_bytes} bytes"
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _decode_path(raw_path: bytes) -> str:
    if b"%" not in raw_path:
        return raw_path.decode()
    # A slash within a segment stays %2F, so % must stay %25. The convertors decode both.
    kept = re.sub(rb"%(25|2[Ff])", rb"%25\1", raw_path)
    return unquote_to_bytes(kept).decode()
