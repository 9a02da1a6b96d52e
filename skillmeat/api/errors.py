"""Error handlers: each error's status and body; only a defect of the server is a 500."""

import json
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request, Response, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import Match

from skillmeat.api.validation import describe_problem
from skillmeat.errors import (
    CannotConnect,
    DatabaseError,
    Duplicate,
    InvalidValue,
    NotAllowed,
    NotMigrated,
    NotPopulated,
    Retry,
    SkillMeatError,
    UnknownArtifactType,
    UnknownCollection,
    UnknownGroup,
    UnknownKey,
    UnknownTag,
)

RETRY_AFTER: Final = {"Retry-After": "1"}
# Longer inputs are left out of the response.
MAX_INPUT_LENGTH: Final = 100
# FastAPI does not say why it cannot read a body; the cause of its exception does.
UNREADABLE_BODIES: Final = {
    UnicodeDecodeError: "the body must be UTF-8",
    RecursionError: "the body must be JSON with fewer levels",
}


class PreconditionFailed(Exception):
    """The row was edited since the version that If-Match names; `current` is it now, as JSON."""

    def __init__(self, detail: str, current: bytes) -> None:
        super().__init__(detail)
        self.current = current


def register_error_handlers(app: FastAPI) -> None:
    """Register a handler for each error that an endpoint may raise."""
    app.add_exception_handler(RequestValidationError, _handle_validation_error)
    app.add_exception_handler(status.HTTP_400_BAD_REQUEST, _handle_bad_request)
    app.add_exception_handler(status.HTTP_405_METHOD_NOT_ALLOWED, _handle_wrong_method)
    app.add_exception_handler(PreconditionFailed, _handle_precondition_failed)
    app.add_exception_handler(PoolTimeout, _handle_pool_timeout)
    app.add_exception_handler(SkillMeatError, _handle_skillmeat_error)


async def _handle_validation_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for no other
    return _respond(
        status.HTTP_422_UNPROCESSABLE_CONTENT,
        [
            {
                "type": each["type"],
                "loc": list(each["loc"]),
                "msg": describe_problem(each),
                **_input(each),
            }
            for each in error.errors()
        ],
    )


async def _handle_bad_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for no other
    detail = next(
        (text for kind, text in UNREADABLE_BODIES.items() if isinstance(error.__cause__, kind)),
        error.detail,
    )
    return _respond(status.HTTP_400_BAD_REQUEST, detail, error.headers)


async def _handle_wrong_method(request: Request, _: Exception) -> Response:
    # Starlette lists only the methods of the first route that has the path.
    matching = [
        route
        for route in request.app.state.routes
        if route.matches(request.scope)[0] is not Match.NONE
    ]
    # The path with the fewest parameters is meant: /tags/search is no tag.
    fewest = min((len(route.param_convertors) for route in matching), default=0)
    allowed = {
        method
        for route in matching
        if len(route.param_convertors) == fewest
        for method in route.methods
    }
    # A path without a route is a static file or the OpenAPI document: both allow only GET.
    allowed |= {"OPTIONS"} if allowed else {"GET", "OPTIONS"}
    # `ConditionalGetMiddleware` answers HEAD wherever GET is.
    allowed |= {"HEAD"} if "GET" in allowed else set()
    headers = {"Allow": ", ".join(sorted(allowed))}
    if request.method == "OPTIONS":
        return Response(None, status.HTTP_204_NO_CONTENT, headers)
    return _respond(status.HTTP_405_METHOD_NOT_ALLOWED, "Method Not Allowed", headers)


async def _handle_precondition_failed(_: Request, error: Exception) -> Response:
    assert isinstance(error, PreconditionFailed)  # noqa: S101 - registered for no other
    detail = json.dumps(str(error)).encode()
    return Response(
        b'{"detail":%b,"current":%b}' % (detail, error.current),
        status.HTTP_412_PRECONDITION_FAILED,
        media_type="application/json",
    )


async def _handle_pool_timeout(_: Request, error: Exception) -> JSONResponse:
    return _respond(status.HTTP_503_SERVICE_UNAVAILABLE, str(error), RETRY_AFTER)


async def _handle_skillmeat_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SkillMeatError)  # noqa: S101 - registered for no other
    match error:
        case UnknownKey():
            return _respond_unknown_key(error)
        case Duplicate():
            return _respond(status.HTTP_409_CONFLICT, str(error))
        case InvalidValue():
            problem = {"type": "value_error", "loc": ["request"], "msg": str(error)}
            return _respond(status.HTTP_422_UNPROCESSABLE_CONTENT, [problem])
        case NotAllowed() | DatabaseError(sqlstate="25006"):
            detail = "this server cannot write: its role may not, or its database is read-only"
            return _respond(status.HTTP_403_FORBIDDEN, detail)
    if _is_temporary(error):
        return _respond(status.HTTP_503_SERVICE_UNAVAILABLE, str(error), RETRY_AFTER)
    raise error


def _respond_unknown_key(error: UnknownKey) -> JSONResponse:
    match error:
        case UnknownArtifactType(unknown=(type_,)):
            detail = f"Invalid artifact type: there is no type {type_}"
            return _respond(status.HTTP_400_BAD_REQUEST, detail)
        case UnknownCollection(unknown=(id_,)):
            return _respond(status.HTTP_404_NOT_FOUND, f"Collection '{id_}' not found")
        case UnknownGroup(unknown=(id_,)):
            return _respond(status.HTTP_404_NOT_FOUND, f"Group '{id_}' not found")
        case UnknownTag(unknown=(id_,)):
            return _respond(status.HTTP_404_NOT_FOUND, f"Tag '{id_}' not found")
    return _respond(status.HTTP_404_NOT_FOUND, str(error))


def _is_temporary(error: SkillMeatError) -> bool:
    match error:
        case CannotConnect() | Retry() | NotPopulated() | NotMigrated():
            return True
        # 57014: the statement exceeded its timeout. Class 53: the disk or the memory is full, or no
        # connection is free.
        case DatabaseError(sqlstate=str(sqlstate)):
            return sqlstate.startswith(("57014", "53"))
    return False


def _input(error: Mapping[str, Any]) -> dict[str, object]:
    value = error.get("input")
    is_short = isinstance(value, str) and len(value) <= MAX_INPUT_LENGTH
    return {"input": value} if is_short or isinstance(value, bool | int | None) else {}


def _respond(code: int, detail: object, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return _AsciiJSONResponse({"detail": detail}, code, headers)


class _AsciiJSONResponse(JSONResponse):
    # JSONResponse writes UTF-8, which cannot encode half of a surrogate pair.
    def render(self, content: Any) -> bytes:  # noqa: ANN401 - as Starlette has it
        return json.dumps(content).encode()
