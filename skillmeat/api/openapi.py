"""The OpenAPI document of FastAPI, extended by the responses of the middleware."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from skillmeat.api.media_types import CSV
from skillmeat.api.schemas import ErrorResponse, RowChangedResponse, ValidationErrorResponse

Responses = dict[int | str, dict[str, Any]]

DESCRIPTION: Final = """
Every count is exact, in the same snapshot as the rest of the response. Pass the `end_cursor` of a
page as `after` for the next page, or its `start_cursor` as `before` for the previous one. A cursor
still works after its row was deleted. Write a slash within an id as `%2F` in a path. The header
`Server-Timing` reports how many statements a response took.
"""
# Clients that are generated from the document call the server that it came from.
SERVERS: Final = [{"url": "/", "description": "This server"}]
CONTACT: Final = {"name": "The SkillMeat authors"}
LICENSE: Final = {"name": "MIT", "identifier": "MIT"}
TAGS: Final = [
    {"name": "artifacts", "description": "Artifacts, their tags, versions and texts."},
    {"name": "collections", "description": "Collections, and the artifacts in them."},
    {"name": "composites", "description": "Artifacts of the type `composite`."},
    {"name": "groups", "description": "Ordered parts of a collection."},
    {"name": "operation", "description": "For the operator: health, metrics, access."},
    {
        "name": "placeholders",
        "description": "Empty answers for features of SkillMeat that a catalogue does not have.",
    },
    {"name": "tags", "description": "Tags, each with the number of its artifacts."},
]
_ERRORS: Final = {
    400: "A parameter is invalid.",
    401: "The request has no valid token.",
    403: "The token, or the server itself, may only read.",
    404: "The resource does not exist.",
    406: "The response has none of the media types in Accept.",
    408: "The request did not arrive in time.",
    413: "The body is too large.",
    421: "A server without tokens accepts only requests to localhost.",
    431: "The headers are too large.",
    503: "The database is unavailable or busy: try again after Retry-After.",
}
REFERENCE: Final = "#/components/schemas/{model}"


def _describe_error(description: str, model: type[BaseModel] = ErrorResponse) -> dict[str, Any]:
    # For a `model`, FastAPI would build a validator at each endpoint: a tenth of the time to start.
    schema = {"$ref": REFERENCE.format(model=model.__name__)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


# Every endpoint may respond with these.
ERROR_RESPONSES: Final[Responses] = {
    **{code: _describe_error(description) for code, description in _ERRORS.items()},
    422: _describe_error("A part of the request is invalid.", ValidationErrorResponse),
}
CONFLICT_RESPONSE: Final[Responses] = {
    409: _describe_error("The request conflicts with the catalogue.")
}
# A list is also a table.
CSV_RESPONSE: Final[Responses] = {200: {"content": {CSV: {"schema": {"type": "string"}}}}}
# What the middleware adds to the responses.
HEADERS: Final = {
    "ETag": "The strong entity tag of this body. Send it in If-None-Match.",
    "Link": "Of CSV: the addresses of the next and the previous page.",
    "Retry-After": "Seconds to wait before the next attempt.",
    "WWW-Authenticate": "The scheme of the token: `Bearer`.",
    "X-Request-ID": "The id of the request, by which the server logs it.",
    "X-Total-Count": "Of CSV: the exact number of rows on all pages.",
}
NOT_MODIFIED: Final = "The client has this body: its entity tag is in If-None-Match."
IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The `ETag` of an earlier response. If the body is the same, the status is 304.",
    "example": '"c64e2f85f5cd315a4ab6db38b0b56e1e"',
}
# `RequestContextMiddleware` reads this header at every endpoint.
REQUEST_ID: Final = {
    "name": "X-Request-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "Your id for this request, which the response and the log repeat. The server "
    "replaces an id that is not 1 to 64 letters, digits, `.`, `_` and `-`.",
    "example": "page-7f3a",
}


def row_changed_response(row: type[BaseModel]) -> Responses:
    """Describe the response to a write whose If-Match names an older version of the row."""
    description = "The row was edited since you read it: nothing was written."
    return {412: {"model": RowChangedResponse[row], "description": description}}  # type: ignore[valid-type] # at run time


def customize_openapi(app: FastAPI, *, is_public: Callable[[], bool]) -> None:
    """Replace the application's OpenAPI document; while no token is needed it mentions none."""
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
        tags=TAGS,
        servers=SERVERS,
        contact=CONTACT,
        license_info=LICENSE,
    )
    _add_error_schemas(document["components"]["schemas"])
    for path in document["paths"].values():
        for method, operation in path.items():
            _add_headers(method, operation)
            if is_public:
                operation.pop("security", None)
                operation["responses"].pop("401", None)
    document["components"]["headers"] = {
        name: {"description": description, "schema": {"type": "string"}}
        for name, description in HEADERS.items()
    }
    if is_public:
        document["components"].pop("securitySchemes", None)
    return document


def _add_headers(method: str, operation: dict[str, Any]) -> None:
    """Add what the middleware reads from each request, and adds to each response."""
    parameters = operation.setdefault("parameters", [])
    responses = operation["responses"]
    found = responses.get("200", {})
    if method == "get" and found:
        parameters.append(IF_NONE_MATCH)
        responses["304"] = {"description": NOT_MODIFIED, "headers": _refer_to("ETag")}
        is_list = CSV in found.get("content", {})
        found["headers"] = _refer_to("ETag", *(("Link", "X-Total-Count") if is_list else ()))
    parameters.append(REQUEST_ID)
    for status, header in (("401", "WWW-Authenticate"), ("503", "Retry-After")):
        if status in responses:
            responses[status] = {**responses[status], "headers": _refer_to(header)}
    operation["responses"] = {
        status: {
            **response,
            "headers": {**response.get("headers", {}), **_refer_to("X-Request-ID")},
        }
        for status, response in sorted(responses.items())
    }


def _refer_to(*headers: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in headers}


def _add_error_schemas(schemas: dict[str, Any]) -> None:
    """Add the schemas of the errors, in the order of names."""
    models = (ErrorResponse, ValidationErrorResponse)
    _, errors = models_json_schema(
        [(model, "serialization") for model in models], ref_template=REFERENCE
    )
    found = schemas | errors["$defs"]
    schemas.clear()
    schemas.update(sorted(found.items()))
