"""`/artifacts`."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response, status

from skillmeat.api import queries, schemas
from skillmeat.api.auth import reading
from skillmeat.api.params import (
    After,
    Before,
    Filter,
    LongLimit,
    Words,
    key_of,
    parts_of,
    text_or_none,
)
from skillmeat.api.routes.responses import (
    API,
    ARTIFACT,
    COLLECTION,
    RESPONSES,
    as_json,
    found,
    not_found,
    run,
)

router = APIRouter(
    prefix=API + "/artifacts",
    tags=["artifacts"],
    responses=RESPONSES,
    dependencies=[Depends(reading)],
)

TYPES = (
    "skill|command|agent|mcp|mcp_server|hook|workflow|composite|project_config|spec_file|rule_file"
    "|context_file|progress_template"
)
ArtifactType = Annotated[
    str | None,
    Query(
        description="Any of these types, with commas between them.",
        examples=["skill,agent"],
        json_schema_extra={"pattern": f"^(({TYPES})(,({TYPES}))*)?$"},
    ),
]
TypeAndName = Annotated[
    str,
    Path(
        description="`type:name`.",
        examples=["skill:pdf"],
        json_schema_extra={"pattern": "^[^\\x00:]+:[^\\x00]+$"},
    ),
]


@router.get("", response_model=schemas.Page[schemas.Artifact])
async def list_artifacts(  # noqa: PLR0913 - a parameter each
    request: Request,
    *,
    limit: LongLimit = 20,
    after: After = None,
    before: Before = None,
    artifact_type: ArtifactType = None,
    collection: Annotated[Filter, Query(description="In this collection: its id, or name.")] = None,
    tags: Annotated[Filter, Query(description="Any of these, with commas between them.")] = None,
    tools: Annotated[Filter, Query(description="Any of these, whatever their case.")] = None,
    search: Words = None,
) -> Response:
    """List artifacts in the code point order of their ids, each with its collections."""
    asked = partial(
        queries.artifacts,
        limit=limit,
        after=key_of(after),
        before=key_of(before),
        types=parts_of(artifact_type),
        collection=text_or_none(collection),
        tags=parts_of(tags),
        tools=parts_of(tools),
        search=text_or_none(search),
    )
    return page_or_refusal(await run(request, asked), collection)


def page_or_refusal(answer: queries.Answer, collection: str | None) -> Response:
    """A page of artifacts, 404 for a collection that is not there, or 400 for a bad type."""
    if answer.problem is None:
        return as_json(answer.page)
    if answer.problem == "collection":
        raise not_found(COLLECTION, collection or "")
    detail = f"Invalid artifact type: there is no {answer.problem}"
    raise HTTPException(status.HTTP_400_BAD_REQUEST, detail)


@router.get("/{artifact_id:rest}", response_model=schemas.Artifact)
async def get_artifact(request: Request, artifact_id: TypeAndName) -> Response:
    """Read one artifact."""
    kind, colon, name = artifact_id.partition(":")
    if not (kind and colon and name) or "\x00" in artifact_id:
        detail = "Invalid artifact id: write type:name, such as skill:pdf"
        raise HTTPException(status.HTTP_400_BAD_REQUEST, detail)
    document = await run(request, partial(queries.artifact, id=artifact_id))
    return found(document, ARTIFACT, artifact_id)
