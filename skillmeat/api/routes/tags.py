"""`/tags`."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from skillmeat.api import queries, schemas
from skillmeat.api.auth import reading
from skillmeat.api.params import After, Before, Limit, key_of
from skillmeat.api.routes.responses import API, RESPONSES, as_json, run

router = APIRouter(
    prefix=API + "/tags", tags=["tags"], responses=RESPONSES, dependencies=[Depends(reading)]
)


@router.get("", response_model=schemas.Page[schemas.Tag])
async def list_tags(
    request: Request, *, limit: Limit = 20, after: After = None, before: Before = None
) -> Response:
    """List tags by name, each with how many artifacts have it."""
    asked = partial(queries.tags, limit=limit, after=key_of(after), before=key_of(before))
    return as_json(await run(request, asked))


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
            description="In the name, whatever its case.",
        ),
    ],
    limit: Limit = 50,
) -> Response:
    """Find tags by a part of their name."""
    return as_json(await run(request, partial(queries.found_tags, search=q, limit=limit)))
