"""The parts that endpoints share: work in the pool, JSON responses, 404, 409 and 412."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, HTTPException, Request, Response, status
from pydantic import BaseModel

from skillmeat.api.csv_document import build_csv
from skillmeat.api.database import RequestPosition
from skillmeat.api.dependencies import require_read, require_write
from skillmeat.api.entity_tags import build_entity_tag
from skillmeat.api.errors import PreconditionFailed
from skillmeat.api.media_types import CSV, JSON, get_quality
from skillmeat.api.queries.projections import JsonItem
from skillmeat.api.served_catalogue import get_catalogue
from skillmeat.database.query import Conn
from skillmeat.errors import CannotConnect, RowChanged, SkillMeatError

PREFIX: Final = "/api/v1"
READ: Final = [Depends(require_read)]
WRITE: Final = [Depends(require_write)]
CANNOT_CONNECT_NOW: Final = "57P03"
MOVE_TIMEOUT: Final = 2.0
MOVE_PAUSE: Final = 0.1
BEING_MOVED: Final = "the catalogue is being moved to another server: try again"
NOTHING_TO_UPDATE: Final = "At least one update parameter must be provided"
LOGGER: Final = logging.getLogger("skillmeat.api")
Result = TypeVar("Result")


async def run(request: Request, work: Callable[[Conn], Result]) -> Result:
    """Call `work` with a connection to the primary in autocommit, and return its result.

    A copy that is being moved refuses each write, whose transaction then has no effect: it is
    repeated until its service names the new copy, for `MOVE_TIMEOUT` at most.
    """
    position = get_request_position(request)
    deadline = time.monotonic() + MOVE_TIMEOUT
    while True:
        try:
            database = get_catalogue(request).database
            return await database.write(request.state.query_stats, work, position)
        except CannotConnect as error:
            if error.sqlstate != CANNOT_CONNECT_NOW:
                raise
            if time.monotonic() > deadline:
                LOGGER.warning("a write was refused: %s", error)
                # The error says where to; a client need not know.
                raise CannotConnect(BEING_MOVED) from error
        await asyncio.sleep(MOVE_PAUSE)
        # The service may name another catalogue by now, which needs a token of its own.
        await request.state.authorize(request)


async def run_read(request: Request, work: Callable[[Conn], Result]) -> Result:
    """Call `work`, which only reads, with a connection in autocommit, and return its result."""
    database = get_catalogue(request).database
    return await database.read(request.state.query_stats, work, get_request_position(request))


def get_request_position(request: Request) -> RequestPosition | None:
    """Return what the request must see and where it is answered; None without standbys."""
    position: RequestPosition | None = request.scope["state"].get("position")
    return position


async def run_in_transaction(request: Request, work: Callable[[Conn], Result]) -> Result:
    """Call `work` in a transaction of the primary, commit, and return its result."""

    def in_transaction(conn: Conn) -> Result:
        with conn.transaction():
            return work(conn)

    return await run(request, in_transaction)


def json_response(document: bytes, status_code: int = status.HTTP_200_OK) -> Response:
    """Respond with a JSON document of the database, unchanged."""
    return Response(document, status_code, media_type="application/json")


def json_or_404(document: bytes | None, not_found: Exception) -> Response:
    """Respond with a JSON document of the database, or raise `not_found` for None."""
    if document is None:
        raise not_found
    return json_response(document)


async def respond_list(
    request: Request,
    read: Callable[[Conn], bytes | None],
    row: type[BaseModel],
    *,
    key: str | None = "items",
    not_found: Exception | None = None,
) -> Response:
    """Respond with a list as JSON, or as CSV to a client that prefers it.

    `row` is the model of the items, which the document has under `key`, or as an array for None.
    Raises `not_found` if `read` returns None.
    """
    document = await run_read(request, read)
    if document is None:
        raise not_found or AssertionError
    accept = ",".join(request.headers.getlist("accept"))
    if get_quality(accept, CSV) <= get_quality(accept, JSON):
        return json_response(document)
    listed = json.loads(document)
    content = build_csv(row, listed if key is None else listed[key])
    headers = _page_headers(request, {} if key is None else listed.get("page_info", {}))
    return Response(content, headers=headers, media_type=f"{CSV}; charset=utf-8; header=present")


def _page_headers(request: Request, page_info: Mapping[str, Any]) -> dict[str, str]:
    if not page_info:
        return {}
    filters = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in ("after", "before")
    ]
    links = [
        f'<?{urlencode([*filters, (way, page_info[cursor])])}>; rel="{rel}"'
        for way, cursor, has, rel in (
            ("before", "start_cursor", "has_previous_page", "prev"),
            ("after", "end_cursor", "has_next_page", "next"),
        )
        if page_info[has] and page_info[cursor] is not None
    ]
    total = {"X-Total-Count": str(page_info["total_count"])}
    return total | ({"Link": ", ".join(links)} if links else {})


def artifact_not_found(artifact_id: str) -> HTTPException:
    """Return the error for an artifact that does not exist."""
    return HTTPException(status.HTTP_404_NOT_FOUND, f"Artifact '{artifact_id}' not found")


def item_or_404(item: JsonItem | None, not_found: Exception) -> Response:
    """Respond with a row, or raise `not_found` for None; If-Match accepts the row's ETag."""
    if item is None:
        raise not_found
    response = json_response(item.document)
    response.headers["ETag"] = build_entity_tag(item.document, row_version=item.updated_at)
    return response


@asynccontextmanager
async def precondition(
    request: Request, *, read: Callable[[Conn], JsonItem | None], not_found: Exception
) -> AsyncIterator[None]:
    """Raise 412 with the row that `read` returns if the block raises `RowChanged`.

    Raises `not_found` if the row was deleted meanwhile.
    """
    try:
        yield
    except RowChanged as error:
        item = await run(request, read)
        if item is None:
            raise not_found from error
        raise PreconditionFailed(str(error), item.document) from error


@contextmanager
def conflict_if(error_class: type[SkillMeatError], detail: str | None = None) -> Iterator[None]:
    """Raise 409 if the block raises `error_class`, with `detail` or else the error's message."""
    try:
        yield
    except error_class as error:
        raise HTTPException(status.HTTP_409_CONFLICT, detail or str(error)) from error
