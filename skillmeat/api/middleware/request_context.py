"""What happens around every request: an id, a line in the log, and no traceback."""

import asyncio
import logging
import re
import secrets
import time
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skillmeat.api.metrics import Metrics
from skillmeat.api.middleware.limits import answer
from skillmeat.api.tally import Tally

LOGGER = logging.getLogger("skillmeat.api")
ACCESS = logging.getLogger("skillmeat.api.access")

REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
NO_ROUTE: Final = "none"
RETRY: Final = (b"retry-after", b"1")


class Exchange:
    """Wraps the application, outermost of all."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        tally = Tally()
        asked = Headers(scope=scope).get("x-request-id", "")
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
                # No page of elsewhere may lay ours under its own buttons.
                out.setdefault("Content-Security-Policy", "frame-ancestors 'none'")
                out["Server-Timing"] = _timing(tally, time.perf_counter() - started)
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, respond)
        except asyncio.CancelledError:
            # The server ends, and has waited for this one for as long as it waits for any.
            if not status:
                detail = "the server is being stopped"
                await answer(respond, HTTPStatus.SERVICE_UNAVAILABLE, detail, RETRY)
        except Exception:
            LOGGER.exception("request %s failed", request_id)
            if not status:
                detail = f"this is a defect of the server: its log says more about {request_id}"
                await answer(respond, HTTPStatus.INTERNAL_SERVER_ERROR, detail)
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
