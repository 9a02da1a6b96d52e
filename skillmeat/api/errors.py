"""Which answer an error is, so that nothing a client does or a database suffers is a 500."""

import json
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.routing import Match

from skillmeat.api import schemas
from skillmeat.api.database import Busy
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
    UnknownKey,
)

MEANINGS: Final = {
    schemas.NAME: "A name has neither control characters nor a space at either end",
    schemas.TEXT: "A NUL cannot be stored",
}
SOON: Final = {"Retry-After": "1"}
# What a client sent is shown to it again where it is short.
LONGEST_SHOWN: Final = 100


def register(app: FastAPI) -> None:
    """Have the application answer every error in this way."""
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(status.HTTP_405_METHOD_NOT_ALLOWED, _other_method)
    app.add_exception_handler(Busy, _busy)
    app.add_exception_handler(SkillMeatError, _refused)


async def _invalid_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for no other
    return _answer(
        status.HTTP_422_UNPROCESSABLE_CONTENT,
        [
            {"type": each["type"], "loc": list(each["loc"]), "msg": _said(each), **_shown(each)}
            for each in error.errors()
        ],
    )


async def _other_method(request: Request, _: Exception) -> JSONResponse:
    # Starlette names the methods of the first route that has the path, not of all that have it.
    allowed = {
        method
        for route in request.app.state.routes
        if route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods
    }
    # What is no endpoint is the page or the description, and is only read.
    headers = {"Allow": ", ".join(sorted(allowed or {"GET"}))}
    return _answer(status.HTTP_405_METHOD_NOT_ALLOWED, "Method Not Allowed", headers)


async def _busy(_: Request, error: Exception) -> JSONResponse:
    return _answer(status.HTTP_503_SERVICE_UNAVAILABLE, str(error), SOON)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SkillMeatError)  # noqa: S101 - registered for no other
    match error:
        case UnknownKey():
            return _answer(status.HTTP_404_NOT_FOUND, str(error))
        case Duplicate():
            return _answer(status.HTTP_409_CONFLICT, str(error))
        case InvalidValue():
            flaw = {"type": "value_error", "loc": ["request"], "msg": str(error)}
            return _answer(status.HTTP_422_UNPROCESSABLE_CONTENT, [flaw])
        case NotAllowed() | DatabaseError(sqlstate="25006"):
            detail = "this server may only read: its role or its database takes no writes"
            return _answer(status.HTTP_403_FORBIDDEN, detail)
        # The last is a statement that took longer than it may.
        case (
            CannotConnect()
            | Retry()
            | NotPopulated()
            | NotMigrated()
            | DatabaseError(sqlstate="57014")
        ):
            return _answer(status.HTTP_503_SERVICE_UNAVAILABLE, str(error), SOON)
        # Its disk is full, or its memory, or all its connections are taken.
        case DatabaseError(sqlstate=str(state)) if state.startswith("53"):
            return _answer(status.HTTP_503_SERVICE_UNAVAILABLE, str(error), SOON)
    raise error


def _said(error: Mapping[str, Any]) -> object:
    return MEANINGS.get(error.get("ctx", {}).get("pattern"), error["msg"])


def _shown(error: Mapping[str, Any]) -> dict[str, object]:
    given = error.get("input")
    is_short = isinstance(given, str) and len(given) <= LONGEST_SHOWN
    return {"input": given} if is_short or isinstance(given, bool | int | None) else {}


def _answer(code: int, detail: object, headers: Mapping[str, str] | None = None) -> JSONResponse:
    # JSONResponse itself cannot write half a surrogate pair.
    return _Ascii({"detail": detail}, code, headers)


class _Ascii(JSONResponse):
    def render(self, content: Any) -> bytes:  # noqa: ANN401 - as Starlette has it
        return json.dumps(content).encode()
