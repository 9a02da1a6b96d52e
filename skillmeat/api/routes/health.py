"""`/healthz`, `/readyz` and `/metrics`, for the operator of the server."""

from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Request, Response, status
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from skillmeat.api.openapi import ERROR_RESPONSES
from skillmeat.api.routes.responses import READ
from skillmeat.api.served_catalogue import get_catalogue

if TYPE_CHECKING:
    from skillmeat.api.metrics import Metrics

router = APIRouter(tags=["operation"])


class Liveness(BaseModel):
    """The answer of a running process."""

    status: Literal["ok"]


class StandbyReadiness(BaseModel):
    """A standby that the server may read from."""

    name: str = Field(description="Its host and port.", examples=["10.0.0.2:5432"])
    lag: float | None = Field(description="Seconds behind the primary; null if it is unknown.")
    problem: str | None = Field(description="Why no read goes there; null if reads do.")


class Readiness(BaseModel):
    """Whether the server is ready, and the state of its database."""

    status: Literal["ready", "not ready"]
    revision: str | None = Field(examples=["0005_access"])
    drift: int | None = Field(
        description="Counts and summaries that have drifted; null until they are compared."
    )
    pending_changes: int | None
    pending_counts: int | None
    snapshot_age: float | None = Field(description="Seconds since the last refresh.")
    standbys: list[StandbyReadiness] = Field(
        description="The standbys to read from. While none is usable, the primary answers."
    )
    problems: list[str]


@router.get("/healthz")
async def healthz() -> Liveness:
    """Report that the server runs, in any state of its database."""
    return Liveness(status="ok")


@router.get(
    "/readyz",
    responses={
        503: {
            "model": Readiness,
            "description": "The server is not ready: `problems` lists the reasons.",
        }
    },
)
async def readyz(request: Request, response: Response) -> Readiness:
    """Report whether the database answers, at the right revision and without drift."""
    catalogue = get_catalogue(request)
    monitor = catalogue.monitor
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
        standbys=[
            StandbyReadiness(name=standby.name, lag=state.lag, problem=state.problem)
            for standby, state in catalogue.database.monitor.states.items()
        ],
        problems=problems,
    )


@router.get(
    "/metrics",
    response_class=Response,
    dependencies=READ,
    responses={
        **ERROR_RESPONSES,
        200: {
            "content": {"text/plain": {}},
            "description": "All metrics in the text format of Prometheus.",
        },
    },
)
async def get_metrics(request: Request) -> Response:
    """Return all metrics in the text format of Prometheus."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.render(), media_type=CONTENT_TYPE_LATEST)
