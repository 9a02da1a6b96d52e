"""`/tags`."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from skillmeat.api import queries, schemas
from skillmeat.api.openapi import ERROR_RESPONSES
from skillmeat.api.params import AfterCursor, BeforeCursor, Limit, decode_cursor
from skillmeat.api.routes.responses import PREFIX, READ, json_response, run

router = APIRouter(
    prefix=PREFIX + "/tags",
    tags=["tags"],
    responses=ERROR_RESPONSES,
    dependencies=READ,
)


@router.get("", response_model=schemas.Page[schemas.Tag])
async def list_tags(
    request: Request, *, limit: Limit = 20, after: AfterCursor = None, before: BeforeCursor = None
) -> Response:
    """List tags by name, each with the number of its artifacts."""
    query = partial(
        queries.list_tags, limit=limit, after=decode_cursor(after), before=decode_cursor(before)
    )
    return json_response(await run(request, query))


@router.get("/search", response_model=list[schemas.Tag])
async def search_tags(
    request: Request,
    *,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=100,
            pattern=schemas.TEXT,
            description="A part of the name, in any case.",
        ),
    ],
    limit: Limit = 50,
) -> Response:
    """Find tags by a part of their name."""
    return json_response(await run(request, partial(queries.search_tags, search=q, limit=limit)))
