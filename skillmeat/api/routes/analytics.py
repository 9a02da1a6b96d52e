"""`/analytics`: the totals that SkillMeat's start page shows; the catalogue records no events."""

from functools import partial
from typing import Any, Final, Literal

from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel, Field

from skillmeat.api import queries
from skillmeat.api.openapi import ERROR_RESPONSES
from skillmeat.api.routes.responses import PREFIX, READ, json_response, run_read
from skillmeat.api.schemas.common import Count, Time

router = APIRouter(
    prefix=PREFIX + "/analytics",
    tags=["placeholders"],
    responses=ERROR_RESPONSES,
    dependencies=READ,
)


class Totals(BaseModel):
    """The exact totals of the catalogue."""

    total_artifacts: Count = Field(examples=[411])
    total_collections: Count = Field(examples=[92])
    artifacts_by_type: dict[str, Count] = Field(examples=[{"skill": 181}])
    last_activity: Time | None = Field(description="The last change of an artifact.")
    total_events: Literal[0]


class Summary(Totals):
    """The totals, without deployments, which the catalogue does not record."""

    total_deployments: Literal[0]
    recent_activity_count: Literal[0]
    most_deployed_artifact: Literal[""]


class EnterpriseSummary(Totals):
    """The totals, with zeros for projects, deployments and searches."""

    generated_at: None
    total_projects: Literal[0]
    event_type_counts: dict[str, int]
    windows: list[None]
    delivery: dict[str, int | None]
    reliability: dict[str, int | None]
    adoption: dict[str, int]
    top_projects: list[None]
    top_artifacts: list[None]
    history_summary: dict[str, int]


NO_DEPLOYMENTS: Final[dict[str, Any]] = {
    "total_events": 0,
    "total_deployments": 0,
    "recent_activity_count": 0,
    "most_deployed_artifact": "",
}
NO_EVENTS: Final[dict[str, Any]] = {
    "generated_at": None,
    "total_events": 0,
    "total_projects": 0,
    "event_type_counts": {},
    "windows": [],
    "delivery": {
        "deployment_frequency_7d": 0,
        "deployment_frequency_30d": 0,
        "median_deploy_interval_minutes_30d": None,
        "unique_artifacts_deployed_30d": 0,
    },
    "reliability": {
        "change_failure_rate_30d": 0,
        "sync_success_rate_7d": 0,
        "rollback_rate_30d": 0,
        "mean_time_to_recovery_hours_30d": None,
    },
    "adoption": {
        "active_projects_7d": 0,
        "active_projects_30d": 0,
        "active_collections_30d": 0,
        "search_to_deploy_conversion_30d": 0,
    },
    "top_projects": [],
    "top_artifacts": [],
    "history_summary": {"version_events": 0, "merge_events": 0, "deployment_events": 0},
}


@router.get("/summary", response_model=Summary)
async def get_summary(request: Request) -> Response:
    """Read the exact totals of artifacts and collections."""
    return json_response(
        await run_read(request, partial(queries.get_summary, zeros=NO_DEPLOYMENTS))
    )


@router.get("/enterprise-summary", response_model=EnterpriseSummary)
async def get_enterprise_summary(request: Request) -> Response:
    """Read the exact totals of artifacts and collections, with zeros for all events."""
    return json_response(await run_read(request, partial(queries.get_summary, zeros=NO_EVENTS)))


@router.get("/stream", status_code=status.HTTP_204_NO_CONTENT)
async def get_stream() -> None:
    """End the stream of events: there are none, and 204 stops a browser from connecting again."""
