"""`/composites`."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from skillmeat.api import queries, schemas
from skillmeat.api.openapi import CSV_RESPONSE, ERROR_RESPONSES
from skillmeat.api.routes.responses import PREFIX, READ, respond_list

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
    collection_id: Annotated[str, Query(pattern=schemas.TEXT, examples=["default"])],
) -> Response:
    """List the composites of a collection by id; an unknown collection has none."""
    read = partial(queries.list_composites, collection=collection_id)
    return await respond_list(request, read, schemas.Composite)
