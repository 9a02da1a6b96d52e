"""The OpenAPI document: what FastAPI knows of the endpoints, as this server is just now."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

ABOUT: Final = """
Every count is exact, in the same snapshot as what it is shown with. A page goes on `after` its
`end_cursor`, or back `before` its `start_cursor`; a cursor whose row is gone still works. In a path
the slash of an id is written `%2F`. `Server-Timing` says how many statements an answer took.
"""
# What `exchange` reads, whatever the endpoint.
REQUEST_ID: Final = {
    "name": "X-Request-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "Your name for this request, for the answer and the log; if it is not 1 to 64 "
    "of letters, digits, `.`, `_` and `-`, the server makes one up.",
    "example": "page-7f3a",
}


def describe(app: FastAPI, *, is_open: Callable[[], bool]) -> None:
    """Have the application describe itself, without tokens while nobody needs one."""
    made: dict[bool, dict[str, Any]] = {}

    def openapi() -> dict[str, Any]:
        for_all = is_open()
        if for_all not in made:
            made[for_all] = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=ABOUT,
                routes=app.routes,
            )
            for path in made[for_all]["paths"].values():
                for operation in path.values():
                    operation.setdefault("parameters", []).append(REQUEST_ID)
            if for_all:
                _forget_tokens(made[for_all])
        return made[for_all]

    app.openapi = openapi  # type: ignore[method-assign] # as FastAPI documents it


def _forget_tokens(document: dict[str, Any]) -> None:
    document["components"].pop("securitySchemes", None)
    for path in document["paths"].values():
        for operation in path.values():
            operation.pop("security", None)
            operation["responses"].pop("401", None)
