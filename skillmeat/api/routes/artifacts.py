"""`/artifacts`."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response, status
from pydantic import StringConstraints

from skillmeat.api import queries, schemas
from skillmeat.api.openapi import ERROR_RESPONSES
from skillmeat.api.params import (
    AfterCursor,
    ArtifactLimit,
    BeforeCursor,
    Filter,
    SearchWords,
    decode_cursor,
    none_if_blank,
    split_list,
)
from skillmeat.api.routes.responses import PREFIX, READ, json_response, run

router = APIRouter(
    prefix=PREFIX + "/artifacts",
    tags=["artifacts"],
    responses=ERROR_RESPONSES,
    dependencies=READ,
)

TYPES = (
    "skill|command|agent|hook|mcp|mcp_server|lsp_server|monitor|output_style|theme|workflow"
    "|composite|project_config|spec_file|rule_file|context_file|progress_template"
)
ArtifactType = Annotated[
    str | None,
    Query(
        description="Any of these types, separated by commas.",
        examples=["skill,agent"],
        json_schema_extra={"pattern": f"^(({TYPES})(,({TYPES}))*)?$"},
    ),
]
TagNames = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]] | None,
    Query(description="Any of these tags; repeat it. Unlike in `tags`, a comma is part of a name."),
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
    limit: ArtifactLimit = 20,
    after: AfterCursor = None,
    before: BeforeCursor = None,
    artifact_type: ArtifactType = None,
    collection: Annotated[Filter, Query(description="The id or the name of a collection.")] = None,
    tags: Annotated[Filter, Query(description="Any of these tags, separated by commas.")] = None,
    tag: TagNames = None,
    tools: Annotated[
        Filter, Query(description="Any of these tools, separated by commas, in any case.")
    ] = None,
    search: SearchWords = None,
) -> Response:
    """List artifacts by id, in code point order, each with its collections."""
    query = partial(
        queries.list_artifacts,
        limit=limit,
        after=decode_cursor(after),
        before=decode_cursor(before),
        types=split_list(artifact_type),
        collection=none_if_blank(collection),
        tags=(*split_list(tags), *(tag or ())),
        tools=split_list(tools),
        search=none_if_blank(search),
    )
    return json_response(await run(request, query))


@router.get("/{artifact_id:rest}", response_model=schemas.Artifact)
async def get_artifact(request: Request, artifact_id: TypeAndName) -> Response:
    """Read one artifact."""
    type_, _, name = artifact_id.partition(":")
    if not (type_ and name) or "\x00" in artifact_id:
        detail = "Invalid artifact id: write type:name, such as skill:pdf"
        raise HTTPException(status.HTTP_400_BAD_REQUEST, detail)
    document = await run(request, partial(queries.get_artifact, id=artifact_id))
    if document is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"Artifact '{artifact_id}' not found")
    return json_response(document)
