"""The route of an endpoint: it authorizes a request before it reads anything else of it."""

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


class AuthorizedRoute(APIRoute):
    """A route that FastAPI documents as every other, but does not authorize, and may not resolve.

    FastAPI parses a body before it calls the dependencies, so a client without a token would learn
    what is wrong with its body. It also resolves the parameters one by one, which costs a third of
    the time of a page: a GET has them validated in one call of pydantic, unless one of them has a
    dependency of its own.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401
        super().__init__(path, endpoint, **options)
        authorize = [each.dependency for each in self.dependencies if each.dependency is not None]
        model = _build_model(endpoint) if self.methods == {"GET"} else None
        if model is not None:
            self.app = _build_read(endpoint, model, authorize)
        elif self.body_field is not None:
            self.app = _build_write(self.app, authorize)


Authorize = Sequence[Callable[..., Awaitable[object]]]


def _build_write(app: ASGIApp, authorize: Authorize) -> ASGIApp:
    """Build the application of a route with a body; FastAPI's own authorizes the request again."""

    async def authorized(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        for each in authorize:
            await each(request)
        await app(scope, receive, send)

    return authorized


def _build_read(
    endpoint: Callable[..., Awaitable[Response]], model: type[BaseModel], authorize: Authorize
) -> ASGIApp:
    """Build the application of a GET.

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
