"""`/healthz`, `/readyz` and `/metrics`, for the operator of the server."""

from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, Depends, Request, Response, status
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from skillmeat.api.dependencies import require_metrics
from skillmeat.api.openapi import ERROR_RESPONSES
from skillmeat.database.revisions import get_head

if TYPE_CHECKING:
    from skillmeat.api.metrics import Metrics
    from skillmeat.api.served_catalogue import Catalogues, ServedCatalogue

router = APIRouter(tags=["operation"])


class Liveness(BaseModel):
    """The answer of a running process."""

    status: Literal["ok"]


class StandbyReadiness(BaseModel):
    """A standby that the server may read from."""

    name: str = Field(description="Its host and port.", examples=["10.0.0.2:5432"])
    lag: float | None = Field(description="Seconds behind the primary; null if it is unknown.")
    problem: str | None = Field(description="Why no read goes there; null if reads do.")


class CatalogueReadiness(BaseModel):
    """Whether a catalogue is ready, and the state of its database."""

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


class Readiness(CatalogueReadiness):
    """Whether the server is ready: one that serves all services is, if one of them is."""

    services: dict[str, CatalogueReadiness] | None = Field(
        None, description="The catalogue of each service, if the server serves all services."
    )


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
    catalogues: Catalogues = request.app.state.catalogues
    readiness = (
        _describe_services(catalogues)
        if catalogues.are_services
        else Readiness(**_describe(catalogues.served[0]))
    )
    if readiness.status != "ready":
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        response.headers["Retry-After"] = "2"
    return readiness


def _describe(catalogue: "ServedCatalogue") -> dict[str, Any]:
    monitor = catalogue.monitor
    state = monitor.state
    problems = monitor.list_problems()
    return {
        "status": "not ready" if problems else "ready",
        "revision": state.revision,
        "drift": monitor.drift,
        "pending_changes": state.status.changes if state.status else None,
        "pending_counts": state.status.pending_counts if state.status else None,
        "snapshot_age": state.status.age_seconds if state.status else None,
        "standbys": [
            StandbyReadiness(name=standby.name, lag=state.lag, problem=state.problem)
            for standby, state in catalogue.database.monitor.states.items()
        ],
        "problems": problems,
    }


def _describe_services(catalogues: "Catalogues") -> Readiness:
    """Describe all; a catalogue that fails must not take the others out of a load balancer."""
    services = {
        str(each.service): CatalogueReadiness(**_describe(each)) for each in catalogues.served
    }
    is_ready = any(each.status == "ready" for each in services.values())
    return Readiness(
        status="ready" if is_ready else "not ready",
        revision=get_head(),
        drift=None,
        pending_changes=None,
        pending_counts=None,
        snapshot_age=None,
        standbys=[],
        problems=[
            *(f"{name}: {error}" for name, error in catalogues.refused.items()),
            *(f"{name}: {each}" for name, of in services.items() for each in of.problems),
        ],
        services=services,
    )


@router.get(
    "/metrics",
    response_class=Response,
    dependencies=[Depends(require_metrics)],
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
