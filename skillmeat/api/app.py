"""The application: its routes, middleware and static files, and the catalogues that it serves."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from mimetypes import guess_type
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi_offline import FastAPIOffline
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

from skillmeat.api.config import ServerConfig
from skillmeat.api.errors import register_error_handlers
from skillmeat.api.metrics import Metrics
from skillmeat.api.middleware.conditional_get import ConditionalGetMiddleware
from skillmeat.api.middleware.limits import RequestLimitsMiddleware
from skillmeat.api.middleware.positions import (
    POSITION_HEADER,
    SERVER_HEADER,
    PositionMiddleware,
)
from skillmeat.api.middleware.request_context import RequestContextMiddleware
from skillmeat.api.openapi import customize_openapi
from skillmeat.api.routes import (
    access,
    analytics,
    artifact_files,
    artifact_parts,
    artifacts,
    collection_artifacts,
    collections,
    composites,
    groups,
    health,
    placeholders,
    sources,
    tags,
)
from skillmeat.api.served_catalogue import Catalogues, OneCatalogue
from skillmeat.api.service_directory import ServiceDirectory
from skillmeat.api.service_poller import CONNECTIONS as POLLER_CONNECTIONS
from skillmeat.api.shared_pool import SharedPool

ROUTERS: Final = tuple(
    each.router
    for each in (
        # A request tries them in this order: the pages that clients poll come first.
        artifacts,
        collections,
        collection_artifacts,
        groups,
        tags,
        artifact_parts,
        artifact_files,
        sources,
        composites,
        analytics,
        placeholders,
        access,
        health,
    )
)
STATIC: Final = Path(__file__).parent / "static"
STATIC_HEADERS: Final = {
    # The page loads only scripts and styles of this server.
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def create_app(config: ServerConfig | None = None, *, url: str | None = None) -> FastAPI:
    """Create the application; its lifespan opens and closes its catalogues.

    `url` is as for `skillmeat.connect`. Raises `CannotConnect` for an invalid URL, and
    `ServerError` if the embedded server does not start.
    """
    config = config or ServerConfig()
    reserved = POLLER_CONNECTIONS if config.all_services else 0
    pool = SharedPool(config.connections - reserved, timeout=config.pool_timeout)
    metrics = Metrics(pool)
    catalogues: Catalogues
    if config.all_services:
        catalogues = ServiceDirectory(config, pool, metrics.record_refresh)
    else:
        catalogues = OneCatalogue(config, pool, metrics.record_refresh, url=url)
    metrics.watch(catalogues)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with pool.opened(), catalogues.opened():
            yield

    app = FastAPIOffline(
        redoc_url=None,
        # A redirect to the path without a slash would go to the host that the client names.
        redirect_slashes=False,
        title="SkillMeat on PostgreSQL",
        summary="Artifacts in collections: every count exact, every GET one statement.",
        version=version("skillmeat-postgres"),
        lifespan=lifespan,
        middleware=[
            Middleware(RequestContextMiddleware, metrics=metrics),
            *_cors(config.cors_origins),
            Middleware(RequestLimitsMiddleware, config=config),
            *([Middleware(PositionMiddleware)] if config.read_url else []),
            Middleware(ConditionalGetMiddleware),
        ],
    )
    app.state.catalogues = catalogues
    app.state.metrics = metrics
    app.state.metrics_token = config.metrics_token
    app.state.may_import = config.may_import
    app.state.types = config.types
    app.state.routes = [route for each in ROUTERS for route in each.routes]
    register_error_handlers(app)
    customize_openapi(app, is_public=lambda: catalogues.is_public)
    # An included router would be matched twice, at a sixth of the CPU time of a page. FastAPI's own
    # routes, such as /docs, come last.
    app.router.routes[:0] = app.state.routes
    _serve_static(app)
    return app


def _cors(origins: tuple[str, ...]) -> list[Middleware]:
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "HEAD", "POST", "PUT", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "If-Match",
                "If-None-Match",
                "X-API-Key",
                POSITION_HEADER,
                "X-Request-ID",
            ],
            expose_headers=[
                "ETag",
                "Link",
                "Retry-After",
                "Server-Timing",
                POSITION_HEADER,
                SERVER_HEADER,
                "X-Request-ID",
                "X-Total-Count",
            ],
        )
    ]


def _serve_static(app: FastAPI) -> None:
    page = _StaticFiles(directory=STATIC)

    @app.get("/", include_in_schema=False)
    async def index(request: Request) -> Response:
        return await page.get_response("index.html", request.scope)

    app.mount("/page", page)


class _StaticFiles(StaticFiles):
    # A response without the tag of Starlette, which is the file's time and size: an installer may
    # give every version of a file the same time.
    def file_response(
        self,
        full_path: PathLike,
        stat_result: os.stat_result,  # noqa: ARG002 - as Starlette has it
        scope: Scope,  # noqa: ARG002
        status_code: int = 200,
    ) -> Response:
        media_type, _ = guess_type(full_path)
        content = Path(full_path).read_bytes()
        return Response(content, status_code, STATIC_HEADERS, media_type)
