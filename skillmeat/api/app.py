"""The application: what it is put together from, and what runs beside its requests."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi_offline import FastAPIOffline
from starlette.middleware import Middleware
from starlette.responses import FileResponse, Response
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

from skillmeat.api import convertors, errors
from skillmeat.api.auth import Door
from skillmeat.api.config import Options
from skillmeat.api.database import Database
from skillmeat.api.metrics import Metrics
from skillmeat.api.middleware.limits import Limits
from skillmeat.api.middleware.request_context import Exchange
from skillmeat.api.monitor import Observer
from skillmeat.api.openapi import describe
from skillmeat.maintenance.refresh import Refresher

convertors.register()

# Routes use the segments that are registered above when they are compiled.
from skillmeat.api.routes import artifacts, collection_artifacts, collections, groups, health, tags  # noqa: E402

ROUTERS: Final = tuple(
    each.router for each in (artifacts, collections, collection_artifacts, groups, tags, health)
)
PAGE: Final = Path(__file__).parent / "static"
# The page runs what is its own, and nothing else.
PAGE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def create_app(options: Options | None = None, *, url: str | None = None) -> FastAPI:
    """Make the application; its lifespan opens and closes what it needs.

    `url` is as for `skillmeat.connect`. Raises `CannotConnect` for what is no URL, `ServerError`.
    """
    chosen = options or Options()
    database = Database(chosen, url)
    observer = Observer(url)
    metrics = Metrics(database, observer)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        refresher: AbstractContextManager[object] = nullcontext()
        if chosen.refresh:
            refresher = Refresher(url, report=metrics.report)
        database.open()
        await asyncio.to_thread(observer.open)
        with refresher:
            yield
        await asyncio.to_thread(observer.close)
        await asyncio.to_thread(database.close)

    app = FastAPIOffline(
        redoc_url=None,
        title="SkillMeat on PostgreSQL",
        summary="Artifacts in collections: every count exact, every GET one statement.",
        version=version("skillmeat-postgres"),
        lifespan=lifespan,
        middleware=[
            Middleware(Exchange, metrics=metrics),
            *_cors(chosen.cors_origins),
            Middleware(Limits, options=chosen),
        ],
    )
    app.state.database = database
    app.state.observer = observer
    app.state.metrics = metrics
    app.state.door = Door(chosen, observer)
    errors.register(app)
    describe(app, is_open=lambda: app.state.door.is_open)
    app.state.routes = [route for each in ROUTERS for route in each.routes]
    for each in ROUTERS:
        app.include_router(each)
    _serve_page(app)
    return app


def _cors(origins: tuple[str, ...]) -> list[Middleware]:
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-API-Key", "X-Request-ID"],
            expose_headers=["Retry-After", "Server-Timing", "X-Request-ID"],
        )
    ]


def _serve_page(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(PAGE / "index.html", headers=PAGE_HEADERS)

    app.mount("/page", _Parts(directory=PAGE))


class _Parts(StaticFiles):
    # Asked for anew each time: a new page with the script of an old one is neither.
    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(PAGE_HEADERS)
        return response
