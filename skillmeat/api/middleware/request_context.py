"""The context of every request: its id, its statistics, its log line and its last error handler."""

import asyncio
import logging
import re
import secrets
import time
from http import HTTPStatus
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skillmeat.api.metrics import Metrics
from skillmeat.database.recording import QueryStats

LOGGER = logging.getLogger("skillmeat.api")
ACCESS_LOG = logging.getLogger("skillmeat.api.access")

REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
NO_ROUTE: Final = "none"
METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"})


class RequestContextMiddleware:
    """The outermost middleware: the id, `state.query_stats`, time and log line of each request."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, even if the application raises; a client never sees a traceback."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        stats = QueryStats()
        request_id = _get_request_id(scope)
        scope.setdefault("state", {})["query_stats"] = stats
        status = 0
        size = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.append("X-Request-ID", request_id)
                headers.append("X-Content-Type-Options", "nosniff")
                # Clickjacking: no other site may show this page in a frame.
                headers.setdefault("Content-Security-Policy", "frame-ancestors 'none'")
                headers.append("Server-Timing", _timing(stats, time.perf_counter() - started))
            else:
                size += len(message.get("body", b""))
            await send(message)

        async def send_error(status: HTTPStatus, detail: str, **headers: str) -> None:
            response = JSONResponse({"detail": detail}, status, headers)
            await response(scope, receive, send_with_headers)

        try:
            await self._app(scope, receive, send_with_headers)
        except asyncio.CancelledError:
            # The server is stopping, and the request has outlasted the shutdown timeout.
            if not status:
                detail = "the server is stopping: try again"
                await send_error(HTTPStatus.SERVICE_UNAVAILABLE, detail, **{"Retry-After": "1"})
        except Exception:
            LOGGER.exception("request %s failed", request_id)
            if not status:
                detail = f"the server failed: look for request {request_id} in its log"
                await send_error(HTTPStatus.INTERNAL_SERVER_ERROR, detail)
        finally:
            seconds = time.perf_counter() - started
            method = scope["method"]
            self._metrics.record_request(
                # Without this, each method that a client invents would add a time series.
                method=method if method in METHODS else "other",
                route=getattr(scope.get("route"), "path_format", NO_ROUTE),
                status=status,
                seconds=seconds,
                stats=stats,
            )
            catalogue = scope["state"].get("catalogue")
            if catalogue is not None and catalogue.service is not None:
                self._metrics.record_service(catalogue.service, status=status)
            ACCESS_LOG.info(
                "%s %s %s %s %s B, %s in %.1f ms, %.1f ms in all, %s",
                (scope.get("client") or ("-",))[0],
                method,
                _target(scope),
                status,
                size,
                _statements(stats),
                stats.seconds * 1000,
                seconds * 1000,
                request_id,
            )


def _get_request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return secrets.token_hex(8)


def _target(scope: Scope) -> str:
    path, query = (
        scope[part].decode("ascii", "backslashreplace") for part in ("raw_path", "query_string")
    )
    return f"{path}?{query}" if query else path


def _timing(stats: QueryStats, seconds: float) -> str:
    return (
        f'db;dur={stats.seconds * 1000:.2f};desc="{_statements(stats)}", '
        f"total;dur={seconds * 1000:.2f}"
    )


def _statements(stats: QueryStats) -> str:
    return f"{stats.statements} {'statement' if stats.statements == 1 else 'statements'}"
