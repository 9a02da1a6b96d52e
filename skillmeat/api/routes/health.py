"""`/healthz`, `/readyz` and `/metrics`: for whoever operates the server."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, Request, Response, status
from prometheus_client import CONTENT_TYPE_LATEST

from skillmeat.api import schemas
from skillmeat.api.auth import reading
from skillmeat.api.routes.responses import RESPONSES

if TYPE_CHECKING:
    from skillmeat.api.metrics import Metrics
    from skillmeat.api.monitor import Observer

router = APIRouter(tags=["operation"])


@router.get("/healthz", response_model=schemas.Alive)
async def healthz() -> schemas.Alive:
    """Say that the server runs, whatever its database does."""
    return schemas.Alive(status="ok")


@router.get(
    "/readyz",
    response_model=schemas.Health,
    responses={503: {"model": schemas.Health, "description": "Not ready: `problems` says why."}},
)
async def readyz(request: Request, response: Response) -> schemas.Health:
    """Say whether the catalogue is there, at the right revision, and has no drift."""
    observer: Observer = request.app.state.observer
    problems = observer.problems()
    if problems:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        response.headers["Retry-After"] = "2"
    known = observer.seen.status
    return schemas.Health(
        status="not ready" if problems else "ready",
        revision=observer.seen.revision,
        drift=observer.drift,
        pending_changes=known.changes if known else None,
        pending_counts=known.pending_counts if known else None,
        snapshot_age=known.age_seconds if known else None,
        problems=problems,
    )


@router.get(
    "/metrics",
    response_class=Response,
    dependencies=[Depends(reading)],
    responses={
        **RESPONSES,
        200: {"content": {"text/plain": {}}, "description": "What Prometheus reads."},
    },
)
async def metrics(request: Request) -> Response:
    """Say what was measured, for Prometheus."""
    measured: Metrics = request.app.state.metrics
    return Response(measured.text(), media_type=CONTENT_TYPE_LATEST)
