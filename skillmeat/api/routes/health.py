"""`/healthz`, `/readyz` and `/metrics`: for the operator of the server."""

from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Depends, Request, Response, status
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from skillmeat.api.auth import require_read
from skillmeat.api.openapi import ERROR_RESPONSES

if TYPE_CHECKING:
    from skillmeat.api.metrics import Metrics
    from skillmeat.api.monitor import DatabaseMonitor

router = APIRouter(tags=["operation"])


class Liveness(BaseModel):
    """That the process runs."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether the server is ready, and the state of its database."""

    status: Literal["ready", "not ready"]
    revision: str | None = Field(examples=["0005_access"])
    drift: int | None = Field(
        description="Counts and summaries that differ from the truth; null until compared."
    )
    pending_changes: int | None
    pending_counts: int | None
    snapshot_age: float | None = Field(description="Seconds since the last refresh.")
    problems: list[str]


@router.get("/healthz")
async def healthz() -> Liveness:
    """Say that the server runs, whatever its database does."""
    return Liveness(status="ok")


@router.get(
    "/readyz",
    responses={503: {"model": Readiness, "description": "Not ready: `problems` says why."}},
)
async def readyz(request: Request, response: Response) -> Readiness:
    """Say whether the catalogue is there, at the right revision, and has no drift."""
    monitor: DatabaseMonitor = request.app.state.monitor
    problems = monitor.list_problems()
    if problems:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        response.headers["Retry-After"] = "2"
    state = monitor.state
    return Readiness(
        status="not ready" if problems else "ready",
        revision=state.revision,
        drift=monitor.drift,
        pending_changes=state.status.changes if state.status else None,
        pending_counts=state.status.pending_counts if state.status else None,
        snapshot_age=state.status.age_seconds if state.status else None,
        problems=problems,
    )


@router.get(
    "/metrics",
    response_class=Response,
    dependencies=[Depends(require_read)],
    responses={
        **ERROR_RESPONSES,
        200: {"content": {"text/plain": {}}, "description": "Metrics in Prometheus' text format."},
    },
)
async def get_metrics(request: Request) -> Response:
    """Return all metrics, for Prometheus."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.render(), media_type=CONTENT_TYPE_LATEST)
