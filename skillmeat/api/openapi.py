"""The OpenAPI document: FastAPI's own, and what the middleware and the authenticator add to it."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from skillmeat.api.schemas import ErrorResponse, ValidationErrorResponse

Responses = dict[int | str, dict[str, Any]]

DESCRIPTION: Final = """
Every count is exact, in the same snapshot as what it is shown with. A page goes on `after` its
`end_cursor`, or back `before` its `start_cursor`; a cursor whose row is gone still works. In a path
the slash of an id is written `%2F`. `Server-Timing` says how many statements an answer took.
"""
_ERRORS: Final = {
    400: "A parameter has no meaning here.",
    401: "There is no valid token.",
    403: "The token may only read, or the server may.",
    404: "It does not exist.",
    408: "The request did not arrive in time.",
    413: "The body is too large.",
    421: "Without a token the server answers to localhost alone.",
    431: "The headers are too large.",
    503: "The database is away or busy: try again after Retry-After.",
}
# Any endpoint may answer these.
ERROR_RESPONSES: Final[Responses] = {
    **{
        code: {"model": ErrorResponse, "description": description}
        for code, description in _ERRORS.items()
    },
    422: {"model": ValidationErrorResponse, "description": "A part of the request is not valid."},
}
CONFLICT_RESPONSE: Final[Responses] = {
    409: {"model": ErrorResponse, "description": "The request contradicts the catalogue."}
}
# `RequestContextMiddleware` reads it at every endpoint.
REQUEST_ID: Final = {
    "name": "X-Request-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "Your name for this request, for the answer and the log; if it is not 1 to 64 "
    "of letters, digits, `.`, `_` and `-`, the server makes one up.",
    "example": "page-7f3a",
}


def customize_openapi(app: FastAPI, *, is_public: Callable[[], bool]) -> None:
    """Replace the application's OpenAPI document; it mentions no token while none is needed."""
    documents: dict[bool, dict[str, Any]] = {}

    def openapi() -> dict[str, Any]:
        public = is_public()
        if public not in documents:
            documents[public] = _generate(app, is_public=public)
        return documents[public]

    app.openapi = openapi  # type: ignore[method-assign] # as FastAPI documents it


def _generate(app: FastAPI, *, is_public: bool) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=DESCRIPTION,
        routes=app.routes,
    )
    for path in document["paths"].values():
        for operation in path.values():
            operation.setdefault("parameters", []).append(REQUEST_ID)
            if is_public:
                operation.pop("security", None)
                operation["responses"].pop("401", None)
    if is_public:
        document["components"].pop("securitySchemes", None)
    return document
