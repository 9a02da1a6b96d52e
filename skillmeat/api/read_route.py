"""The route of a GET, which validates all its parameters in one call of pydantic."""

from collections.abc import Awaitable, Callable, Sequence
from inspect import signature
from typing import Any, Final, get_args, get_origin, get_type_hints

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError, create_model
from starlette.types import ASGIApp, Receive, Scope, Send

REQUEST: Final = "request"


class ReadRoute(APIRoute):
    """A route that FastAPI documents as every other, but whose GET it does not resolve.

    FastAPI resolves the parameters one by one, which costs a third of the time of a page. A method
    other than GET, and a parameter with a dependency of its own, are left to FastAPI.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401
        super().__init__(path, endpoint, **options)
        model = _build_model(endpoint) if self.methods == {"GET"} else None
        if model is not None:
            authorize = [
                each.dependency for each in self.dependencies if each.dependency is not None
            ]
            self.app = _build_app(endpoint, model, authorize)


def _build_app(
    endpoint: Callable[..., Awaitable[Response]],
    model: type[BaseModel],
    authorize: Sequence[Callable[..., Awaitable[object]]],
) -> ASGIApp:
    """Build the application of one route.

    FastAPI's own also closes the files of a form and the dependencies with `yield`, which no GET
    has, and calls the error handlers, which the middleware around all routes calls too.
    """
    lists = {name for name, field in model.model_fields.items() if _is_list(field.annotation)}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        for each in authorize:
            await each(request)
        query = request.query_params
        given = {name: query.getlist(name) if name in lists else query[name] for name in query}
        try:
            values = model.model_validate({**given, **request.path_params})
        except ValidationError as error:
            raise RequestValidationError(
                [
                    {**each, "loc": (_get_place(request, each["loc"][0]), *each["loc"])}
                    for each in error.errors(include_url=False)
                ]
            ) from error
        response = await endpoint(request=request, **values.__dict__)
        await response(scope, receive, send)

    return app


def _build_model(endpoint: Callable[..., Any]) -> type[BaseModel] | None:
    """Build the model of the parameters beside the request; None if FastAPI must resolve them."""
    hints = get_type_hints(endpoint, include_extras=True)
    parameters = signature(endpoint).parameters
    if hints.get(REQUEST) is not Request or hints.get("return") is not Response:
        return None
    fields: dict[str, Any] = {}
    for name, parameter in parameters.items():
        if name == REQUEST:
            continue
        if any(isinstance(each, Depends) for each in getattr(hints[name], "__metadata__", ())):
            return None
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[name] = (hints[name], default)
    return create_model(endpoint.__name__, **fields)


def _is_list(annotation: object) -> bool:
    return any(get_origin(each) is list for each in (annotation, *get_args(annotation)))


def _get_place(request: Request, name: object) -> str:
    return "path" if name in request.path_params else "query"
