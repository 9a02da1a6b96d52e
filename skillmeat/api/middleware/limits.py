"""The limits on a request's size and on the time in which it arrives."""

import asyncio
import re
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skillmeat.api.config import ServerConfig


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
        error = self._check_head(scope)
        if error is not None:
            await JSONResponse({"detail": error.detail}, error.status_code)(scope, receive, send)
        else:
            await self._app(scope, self._limit_body(receive), send)

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
        if length.isdigit() and int(length) > self._config.max_body_bytes:
            return self._body_too_large()
        try:
            scope["path"] = _decode_path(scope["raw_path"])
        except UnicodeDecodeError:
            return HTTPException(
                HTTPStatus.BAD_REQUEST, "the path is not valid UTF-8: encode it as UTF-8"
            )
        return None

    def _limit_body(self, receive: Receive) -> Receive:
        size = 0
        is_complete = False
        deadline = asyncio.get_running_loop().time() + self._config.request_timeout

        async def limited() -> Message:
            nonlocal size, is_complete
            if is_complete:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                seconds = f"{self._config.request_timeout:g} s"
                detail = f"the body of the request did not arrive within {seconds}: try again"
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, detail) from None
            is_complete = not message.get("more_body", False)
            size += len(message.get("body", b""))
            if size > self._config.max_body_bytes:
                raise self._body_too_large()
            return message

        return limited

    def _body_too_large(self) -> HTTPException:
        detail = f"the body is too large: send at most {self._config.max_body_bytes} bytes"
        return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _decode_path(raw_path: bytes) -> str:
    if b"%" not in raw_path:
        return raw_path.decode()
    # A slash within a segment stays %2F, so % must stay %25. The convertors decode both.
    kept = re.sub(rb"%(25|2[Ff])", rb"%25\1", raw_path)
    return unquote_to_bytes(kept).decode()
