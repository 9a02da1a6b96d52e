"""How large a request may be, and how long it may take to arrive."""

import asyncio
import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skillmeat.api.config import Options

if TYPE_CHECKING:
    from collections.abc import Iterable


class Limits:
    """Wraps the application, inside of CORS: a browser's page may read why it was refused."""

    def __init__(self, app: ASGIApp, *, options: Options) -> None:
        self._app = app
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope, Headers(scope=scope))
        if refusal is not None:
            await answer(send, *refusal)
        else:
            await self._app(scope, self._limited(receive), send)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[HTTPStatus, str] | None:
        raw: Iterable[tuple[bytes, bytes]] = scope["headers"]
        size = len(scope["raw_path"]) + len(scope["query_string"])
        size += sum(len(name) + len(value) for name, value in raw)
        if len(headers) > self._options.most_headers or size > self._options.largest_head:
            return (
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                "the URL or the headers are too large, or too many",
            )
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self._options.largest_body:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._too_large()
        try:
            scope["path"] = _segments(scope["raw_path"])
        except UnicodeDecodeError:
            return HTTPStatus.BAD_REQUEST, "the path is not UTF-8"
        return None

    def _limited(self, receive: Receive) -> Receive:
        size = 0
        is_complete = False
        deadline = asyncio.get_running_loop().time() + self._options.request_seconds

        async def limited() -> Message:
            nonlocal size, is_complete
            if is_complete:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                detail = "the body of the request did not arrive in time"
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, detail) from None
            is_complete = not message.get("more_body", False)
            size += len(message.get("body", b""))
            if size > self._options.largest_body:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._too_large())
            return message

        return limited

    def _too_large(self) -> str:
        return f"the body is larger than {self._options.largest_body} bytes"


def _segments(raw_path: bytes) -> str:
    """The path, decoded but for the slashes within a segment, which stay %2F, and thus %25."""
    kept = re.sub(rb"%(25|2[Ff])", rb"%25\1", raw_path)
    return unquote_to_bytes(kept).decode()


async def answer(send: Send, status: HTTPStatus, detail: str, *more: tuple[bytes, bytes]) -> None:
    """Answer with nothing but why not."""
    body = json.dumps({"detail": detail}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *more,
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
