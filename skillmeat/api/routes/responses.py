"""How endpoints reach the database and answer, and what may go wrong with any of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fastapi import HTTPException, Request, Response, status

from skillmeat.api.schemas import Invalid, Refusal
from skillmeat.query import Conn

if TYPE_CHECKING:
    from skillmeat.api.database import Database

API: Final = "/api/v1"
JSON: Final = "application/json"
ARTIFACT: Final = "Artifact"
COLLECTION: Final = "Collection"
GROUP: Final = "Group"
Result = TypeVar("Result")
Responses = dict[int | str, dict[str, Any]]

_EVERYWHERE: Final = {
    400: "What is asked for makes no sense.",
    401: "No token, or none that is valid.",
    403: "The token may only read, or the server may.",
    404: "There is none.",
    408: "The request did not arrive in time.",
    413: "The body is too large.",
    421: "Without a token the server answers to localhost alone.",
    431: "The headers are too large.",
    503: "The database is away or busy: try again after Retry-After.",
}
RESPONSES: Final[Responses] = {
    **{code: {"model": Refusal, "description": says} for code, says in _EVERYWHERE.items()},
    422: {"model": Invalid, "description": "A part of the request is not valid."},
}
CONFLICT: Final[Responses] = {
    409: {"model": Refusal, "description": "It contradicts what is there."}
}


async def run(request: Request, work: Callable[[Conn], Result]) -> Result:
    """What `work` makes of a connection."""
    database: Database = request.app.state.database
    return await database.run(request.state.tally, work)


async def commit(request: Request, work: Callable[[Conn], Result]) -> Result:
    """What `work` makes of a connection, in a transaction."""

    def in_transaction(conn: Conn) -> Result:
        with conn.transaction():
            return work(conn)

    return await run(request, in_transaction)


def found(document: bytes | None, what: str, known_as: str) -> Response:
    """A document of the database as it is, or 404."""
    if document is None:
        raise not_found(what, known_as)
    return as_json(document)


def as_json(document: bytes, code: int = status.HTTP_200_OK) -> Response:
    """A document of the database as it is."""
    return Response(document, code, media_type=JSON)


def not_found(what: str, known_as: str) -> HTTPException:
    """The refusal of what is not there."""
    return HTTPException(status.HTTP_404_NOT_FOUND, f"{what} '{known_as}' not found")
