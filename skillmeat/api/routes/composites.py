"""`/composites`."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from skillmeat.api import queries, schemas
from skillmeat.api.openapi import CSV_RESPONSE, ERROR_RESPONSES
from skillmeat.api.params import TypeAndName
from skillmeat.api.routes.responses import (
    PREFIX,
    READ,
    artifact_not_found,
    json_or_404,
    respond_list,
    run_read,
)

router = APIRouter(
    prefix=PREFIX + "/composites",
    tags=["composites"],
    responses=ERROR_RESPONSES,
    dependencies=READ,
)


@router.get("", response_model=schemas.CompositeList, responses=CSV_RESPONSE)
async def list_composites(
    request: Request,
    *,
    collection_id: Annotated[str | None, Query(pattern=schemas.TEXT, examples=["default"])] = None,
) -> Response:
    """List all composites, or those of a collection, by id; an unknown collection has none."""
    read = partial(queries.list_composites, collection=collection_id)
    return await respond_list(request, read, schemas.Composite)


@router.get("/{artifact_id:segment}", response_model=schemas.Composite)
async def get_composite(request: Request, artifact_id: TypeAndName) -> Response:
    """Read one composite."""
    document = await run_read(request, partial(queries.get_composite, id=artifact_id))
    return json_or_404(document, artifact_not_found(artifact_id))
