"""Empty answers for SkillMeat's features that a catalogue does not have.

SkillMeat's web client asks for them at its start, and asks again for a path that is not found.
"""

from typing import Any, Final

from fastapi import APIRouter

from skillmeat.api import schemas
from skillmeat.api.openapi import ERROR_RESPONSES
from skillmeat.api.params import TypeAndName
from skillmeat.api.routes.responses import PREFIX, READ

router = APIRouter(
    prefix=PREFIX, tags=["placeholders"], responses=ERROR_RESPONSES, dependencies=READ
)

Document = dict[str, Any]
EMPTY_PAGE: Final[Document] = {
    "items": [],
    "page_info": {
        "has_next_page": False,
        "has_previous_page": False,
        "start_cursor": None,
        "end_cursor": None,
        "total_count": 0,
    },
}
FEATURE_FLAGS: Final[Document] = {
    # The client lists composites; everything else needs SkillMeat's own server.
    "composite_artifacts_enabled": True,
    "deployment_sets_enabled": False,
    "memory_context_enabled": False,
    "workflow_engine_enabled": False,
    "modular_content_architecture": False,
}
DOCUMENTS: Final[dict[str, tuple[str, Document | list[Document]]]] = {
    "/config/feature-flags": ("The features of the server.", FEATURE_FLAGS),
    "/marketplace/sources": ("Repositories to import from: none.", EMPTY_PAGE),
    "/projects": ("Projects with deployed artifacts: none.", EMPTY_PAGE),
    "/deploy": (
        "Deployed artifacts: none.",
        {"project_path": "", "deployments": [], "deployments_by_profile": {}, "total": 0},
    ),
    "/analytics/top-artifacts": ("Artifacts by use: none.", EMPTY_PAGE),
    "/analytics/trends": (
        "Use over time: none.",
        {
            "period_type": "day",
            "start_date": None,
            "end_date": None,
            "data_points": [],
            "total_periods": 0,
        },
    ),
    "/colors": ("Colours of groups besides the standard ones: none.", []),
    "/settings/icon-packs": ("Icons of groups besides the standard ones: none.", []),
}


@router.get("/artifacts/{artifact_id:segment}/associations")
async def get_associations(artifact_id: TypeAndName) -> schemas.Associations:
    """List what an artifact is part of, and its parts: none, because none is stored."""
    return schemas.Associations(artifact_id=artifact_id, parents=[], children=[])


@router.get("/artifacts/{artifact_id:segment}/similar")
async def get_similar_artifacts(artifact_id: TypeAndName) -> schemas.SimilarArtifacts:
    """List similar artifacts: none, because a catalogue does not compare artifacts."""
    return schemas.SimilarArtifacts(artifact_id=artifact_id, items=[], total=0)


def _add(path: str, description: str, document: Document | list[Document]) -> None:
    async def answer() -> Document | list[Document]:
        return document

    router.add_api_route(
        path,
        answer,
        methods=["GET"],
        name=path,
        description=description,
        responses={200: {"content": {"application/json": {"example": document}}}},
    )


for _path, (_description, _document) in DOCUMENTS.items():
    _add(_path, _description, _document)
