"""What happens around every request: limits, an id, a line in the log, and no traceback."""

import asyncio
import json
import logging
import re
import secrets
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skillmeat.api.metrics import Metrics
from skillmeat.api.options import Options
from skillmeat.api.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable

LOGGER = logging.getLogger("skillmeat.api")
ACCESS = logging.getLogger("skillmeat.api.access")

REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
NO_ROUTE: Final = "none"


class Exchange:
    """Wraps the application, outermost of all."""

    def __init__(self, app: ASGIApp, *, options: Options, metrics: Metrics) -> None:
        self._app = app
        self._options = options
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = Headers(scope=scope)
        tally = Tally()
        asked = headers.get("x-request-id", "")
        request_id = asked if REQUEST_ID.fullmatch(asked) else secrets.token_hex(8)
        scope.setdefault("state", {})["tally"] = tally
        raw_path = scope["raw_path"].decode("ascii", "backslashreplace")
        status = 0
        size = 0

        async def respond(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableHeaders(scope=message)
                out["X-Request-ID"] = request_id
                out["X-Content-Type-Options"] = "nosniff"
                out["Server-Timing"] = _timing(tally, time.perf_counter() - started)
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            refusal = self._refusal(scope, headers)
            if refusal is not None:
                await _answer(respond, *refusal)
            else:
                await self._app(scope, self._limited(receive), respond)
        except Exception:
            LOGGER.exception("request %s failed", request_id)
            if not status:
                detail = f"this is a defect of the server: its log says more about {request_id}"
                await _answer(respond, HTTPStatus.INTERNAL_SERVER_ERROR, detail)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path_format", NO_ROUTE)
            self._metrics.answered(
                method=_known_method(scope["method"]),
                route=route,
                status=status,
                seconds=seconds,
                tally=tally,
            )
            query = scope["query_string"].decode("ascii", "backslashreplace")
            ACCESS.info(
                "%s %s %s %s %s B, %s in %.1f ms, %.1f ms in all, %s",
                (scope.get("client") or ("-",))[0],
                scope["method"],
                f"{raw_path}?{query}" if query else raw_path,
                status,
                size,
                _statements(tally),
                tally.seconds * 1000,
                seconds * 1000,
                request_id,
            )

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[HTTPStatus, str] | None:
        raw: Iterable[tuple[bytes, bytes]] = scope["headers"]
        size = sum(len(name) + len(value) for name, value in raw)
        if len(headers) > self._options.most_headers or size > self._options.largest_head:
            return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "too many or too large headers"
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

        async def limited() -> Message:
            nonlocal size, is_complete
            if is_complete:
                return await receive()
            try:
                async with asyncio.timeout(self._options.request_seconds):
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


def _timing(tally: Tally, seconds: float) -> str:
    return (
        f'db;dur={tally.seconds * 1000:.2f};desc="{_statements(tally)}", '
        f"total;dur={seconds * 1000:.2f}"
    )


def _statements(tally: Tally) -> str:
    return f"{tally.statements} {'statement' if tally.statements == 1 else 'statements'}"


def _known_method(method: str) -> str:
    # Anybody may make methods up, and each would be a time series of its own.
    known = {"GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"}
    return method if method in known else "other"


async def _answer(send: Send, status: HTTPStatus, detail: str) -> None:
    body = json.dumps({"detail": detail}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
