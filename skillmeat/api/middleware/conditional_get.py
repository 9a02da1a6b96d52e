"""Content negotiation, conditional requests, compression and HEAD."""

import gzip
import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skillmeat.api.entity_tags import build_entity_tag, matches_none
from skillmeat.api.media_types import CSV, GZIP, JSON, get_coding_quality, get_quality

# A client may keep a response, but must ask whether it is still the same.
CACHE_CONTROL: Final = "no-cache"
VARY: Final = "Accept, Accept-Encoding, Authorization"
READ_HEADERS: Final = (b"accept", b"accept-encoding", b"if-none-match")
IF_MATCH: Final = b"if-match"
# A smaller body fits into a few packets as it is.
MIN_COMPRESSED: Final = 4096
# Level 6 takes eight times as long and makes a page a tenth smaller.
COMPRESSION_LEVEL: Final = 1


class ConditionalGetMiddleware:
    """Middleware that gives a strong `ETag` to each 200, and answers 304 to a client that has it.

    The tag is the hash of the body that this request would get. So a 304 saves bytes, not the
    statement, and is exact whatever other sessions commit meanwhile.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer HEAD as GET without its body; pass every other method on."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            if scope["type"] == "http":
                _join_lines(scope["headers"], IF_MATCH)
            await self._app(scope, receive, send)
            return
        response = _Response(scope, send)
        if scope["method"] == "GET":
            await self._app(scope, receive, response.send)
            return
        request = {**scope, "method": "GET"}
        try:
            await self._app(request, receive, response.send)
        finally:
            # `RequestContextMiddleware` counts requests by route.
            scope["route"] = request.get("route")


class _Response:
    """A response that is sent once it is complete."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._accept, self._accept_encoding, self._if_none_match = _read_headers(scope)
        self._is_head = scope["method"] == "HEAD"
        self._send = send
        self._start: Message = {}
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        # An error, too: a shared cache may keep a 404 that says nothing, and the artifact may come.
        MutableHeaders(scope=self._start).append("Cache-Control", CACHE_CONTROL)
        if self._start["status"] == HTTPStatus.OK:
            self._check_media_type()
        if self._start["status"] == HTTPStatus.OK:
            self._revalidate()
        await self._send(self._start)
        await self._send(
            {"type": "http.response.body", "body": b"" if self._is_head else self._body}
        )

    def _check_media_type(self) -> None:
        if get_quality(self._accept, JSON):
            return
        headers = MutableHeaders(scope=self._start)
        if headers.get("content-type") == JSON:
            detail = f"the media type must be {JSON}, or {CSV} for a list: change Accept"
            self._start["status"] = HTTPStatus.NOT_ACCEPTABLE
            self._body = json.dumps({"detail": detail}).encode()
            headers["Content-Length"] = str(len(self._body))
            headers["Vary"] = "Accept"
            del headers["ETag"]

    def _revalidate(self) -> None:
        headers = MutableHeaders(scope=self._start)
        tag = headers.get("etag") or build_entity_tag(self._body)
        is_compressed = (
            len(self._body) >= MIN_COMPRESSED
            and get_coding_quality(self._accept_encoding, GZIP) > 0
        )
        if is_compressed:
            tag = f'{tag[:-1]}-gzip"'
        headers["ETag"] = tag
        headers.append("Vary", VARY)
        if not matches_none(self._if_none_match, tag):
            self._start["status"] = HTTPStatus.NOT_MODIFIED
            self._body = b""
            del headers["Content-Length"]
            del headers["Content-Type"]
        elif is_compressed:
            self._body = gzip.compress(self._body, COMPRESSION_LEVEL, mtime=0)
            headers["Content-Encoding"] = GZIP
            headers["Content-Length"] = str(len(self._body))


def _join_lines(headers: list[tuple[bytes, bytes]], name: bytes) -> None:
    """Join the lines of a header whose value is a list; an endpoint would read only the first."""
    lines = [each for each in headers if each[0] == name]
    if len(lines) > 1:
        headers[:] = [each for each in headers if each[0] != name]
        headers.append((name, b", ".join(value for _, value in lines)))


def _read_headers(scope: Scope) -> Iterator[str]:
    """Yield the headers of the request that decide on the response, each as one list."""
    found: dict[bytes, list[bytes]] = {name: [] for name in READ_HEADERS}
    for name, value in scope["headers"]:
        if name in found:
            found[name].append(value)
    for values in found.values():
        yield b",".join(values).decode("latin-1")
