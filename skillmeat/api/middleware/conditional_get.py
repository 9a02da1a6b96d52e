"""Content negotiation, conditional GET, compression and HEAD, for every response to a GET."""

import gzip
import json
import re
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skillmeat.api.entity_tags import build_entity_tag, matches_none
from skillmeat.api.media_types import CSV, JSON, get_quality

# A client may keep a response, but must ask whether it is still the same.
CACHE_CONTROL: Final = "no-cache"
VARY: Final = ("Accept", "Accept-Encoding", "Authorization")
# A smaller body fits into a few packets as it is.
MIN_COMPRESSED: Final = 4096
# Level 6 takes eight times as long and makes a page a tenth smaller.
COMPRESSION_LEVEL: Final = 1
ACCEPTS_GZIP: Final = re.compile(
    r"(^|,)\s*(gzip|\*)\s*(;\s*q=(1(\.0{0,3})?|0?\.\d*[1-9]\d*)\s*)?(,|$)", flags=re.IGNORECASE
)


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
            await self._app(scope, receive, send)
            return
        response = _Response(scope, send)
        request = {**scope, "method": "GET"}
        try:
            await self._app(request, receive, response.send)
        finally:
            # `RequestContextMiddleware` counts requests by route.
            scope["route"] = request.get("route")


class _Response:
    """A response that is sent once it is complete."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._request_headers = Headers(scope=scope)
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
        if self._start["status"] == HTTPStatus.OK:
            self._check_media_type()
        if self._start["status"] == HTTPStatus.OK:
            self._revalidate()
        await self._send(self._start)
        await self._send(
            {"type": "http.response.body", "body": b"" if self._is_head else self._body}
        )

    def _check_media_type(self) -> None:
        headers = MutableHeaders(scope=self._start)
        accept = ",".join(self._request_headers.getlist("accept"))
        if headers.get("content-type") == JSON and not get_quality(accept, JSON):
            detail = f"the media type must be {JSON}, or {CSV} for a list: change Accept"
            self._start["status"] = HTTPStatus.NOT_ACCEPTABLE
            self._body = json.dumps({"detail": detail}).encode()
            headers["Content-Length"] = str(len(self._body))
            headers["Vary"] = "Accept"
            del headers["ETag"]

    def _revalidate(self) -> None:
        headers = MutableHeaders(scope=self._start)
        tag = headers.get("etag") or build_entity_tag(self._body)
        is_compressed = len(self._body) >= MIN_COMPRESSED and _accepts_gzip(self._request_headers)
        if is_compressed:
            tag = f'{tag[:-1]}-gzip"'
        headers["ETag"] = tag
        headers["Cache-Control"] = CACHE_CONTROL
        for name in VARY:
            headers.add_vary_header(name)
        if not matches_none(self._request_headers, tag):
            self._start["status"] = HTTPStatus.NOT_MODIFIED
            self._body = b""
            del headers["Content-Length"]
            del headers["Content-Type"]
        elif is_compressed:
            self._body = gzip.compress(self._body, COMPRESSION_LEVEL, mtime=0)
            headers["Content-Encoding"] = "gzip"
            headers["Content-Length"] = str(len(self._body))


def _accepts_gzip(headers: Headers) -> bool:
    return ACCEPTS_GZIP.search(",".join(headers.getlist("accept-encoding"))) is not None
