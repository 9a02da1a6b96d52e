"""Read your writes: the position of a write goes to the client, and comes back with its reads."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skillmeat.api.database import RequestPosition
from skillmeat.database.positions import Position

POSITION_HEADER: Final = "X-Catalogue-Position"
SERVER_HEADER: Final = "X-Catalogue-Server"
COOKIE: Final = "skillmeat_position"
# No script needs the cookie. It outlasts the greatest lag that is allowed.
COOKIE_ATTRIBUTES: Final = "Path=/; Max-Age=3600; HttpOnly; SameSite=Strict"
# The position of no cluster, which no standby includes: the primary answers.
UNREADABLE: Final = Position(system=0, timeline=0, lsn=0)


class PositionMiddleware:
    """Middleware that gives each request its `state.position`, and the response its headers.

    A write's answer has its position as a header and as a cookie. A read that sends either sees the
    write; the header counts if both are sent. An unreadable position leads to the primary.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, and say which server answered it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        position = RequestPosition(after=_find_position(scope))
        scope.setdefault("state", {})["position"] = position
        is_read = scope["method"] in ("GET", "HEAD")

        async def send_with_position(message: Message) -> None:
            if message["type"] == "http.response.start" and position.server is not None:
                headers = MutableHeaders(scope=message)
                headers[SERVER_HEADER] = position.server
                if position.position is not None:
                    headers[POSITION_HEADER] = str(position.position)
                    if not is_read:
                        cookie = f"{COOKIE}={position.position}; {COOKIE_ATTRIBUTES}"
                        headers.append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_position)


def _find_position(scope: Scope) -> Position | None:
    connection = HTTPConnection(scope)
    text = connection.headers.get(POSITION_HEADER) or connection.cookies.get(COOKIE)
    return None if text is None else Position.parse(text) or UNREADABLE
