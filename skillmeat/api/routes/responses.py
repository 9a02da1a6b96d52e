"""What the endpoints share: work run in the pool, documents as responses, 404 and 409."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from fastapi import HTTPException, Request, Response, status

from skillmeat.query import Conn

if TYPE_CHECKING:
    from skillmeat.api.connection import DatabasePool

PREFIX: Final = "/api/v1"
Result = TypeVar("Result")


async def run(request: Request, work: Callable[[Conn], Result]) -> Result:
    """Return what `work` returns for a connection in autocommit."""
    database: DatabasePool = request.app.state.database
    return await database.run(request.state.query_stats, work)


async def run_in_transaction(request: Request, work: Callable[[Conn], Result]) -> Result:
    """Return what `work` returns for a connection in a transaction, and commit."""

    def in_transaction(conn: Conn) -> Result:
        with conn.transaction():
            return work(conn)

    return await run(request, in_transaction)


def json_response(document: bytes, status_code: int = status.HTTP_200_OK) -> Response:
    """Respond with a JSON document as the database made it."""
    return Response(document, status_code, media_type="application/json")


def json_or_404(document: bytes | None, not_found: Exception) -> Response:
    """Respond with a JSON document as the database made it. Raises `not_found` for None."""
    if document is None:
        raise not_found
    return json_response(document)


def conflict(detail: str) -> HTTPException:
    """Build the 409 of a request that contradicts the catalogue."""
    return HTTPException(status.HTTP_409_CONFLICT, detail)
