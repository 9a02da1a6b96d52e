"""`/tags`."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response, status

from skillmeat.api import queries, schemas
from skillmeat.api.openapi import CONFLICT_RESPONSE, ERROR_RESPONSES
from skillmeat.api.params import AfterCursor, BeforeCursor, Limit, TagId, decode_cursor
from skillmeat.api.routes.responses import (
    PREFIX,
    READ,
    WRITE,
    conflict_if,
    json_or_404,
    json_response,
    run,
    run_in_transaction,
)
from skillmeat.catalogue.tags import create_tag, delete_tag, edit_tag
from skillmeat.errors import Duplicate, UnknownTag
from skillmeat.query import Conn

router = APIRouter(
    prefix=PREFIX + "/tags",
    tags=["tags"],
    responses=ERROR_RESPONSES,
)
CONFLICT: Final = "Tag with name '{}' or its slug already exists"


@router.get("", response_model=schemas.Page[schemas.Tag], dependencies=READ)
async def list_tags(
    request: Request, *, limit: Limit = 20, after: AfterCursor = None, before: BeforeCursor = None
) -> Response:
    """List tags by name, each with the number of its artifacts."""
    query = partial(
        queries.list_tags, limit=limit, after=decode_cursor(after), before=decode_cursor(before)
    )
    return json_response(await run(request, query))


@router.get("/search", response_model=list[schemas.Tag], dependencies=READ)
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


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=schemas.Tag,
    dependencies=WRITE,
    responses=CONFLICT_RESPONSE,
)
async def post_tag(request: Request, body: schemas.TagCreate) -> Response:
    """Create a tag."""

    def create(conn: Conn) -> bytes | None:
        return queries.get_tag(conn, create_tag(conn, **body.model_dump()).id)

    with conflict_if(Duplicate, CONFLICT.format(body.name)):
        document = await run_in_transaction(request, create)
    assert document is not None  # noqa: S101 - this transaction has created it
    return json_response(document, status.HTTP_201_CREATED)


@router.get("/{tag_id:segment}", response_model=schemas.Tag, dependencies=READ)
async def get_tag(request: Request, tag_id: TagId) -> Response:
    """Read a tag."""
    document = await run(request, partial(queries.get_tag, id=tag_id))
    return json_or_404(document, UnknownTag.from_ids(tag_id))


@router.put(
    "/{tag_id:segment}",
    response_model=schemas.Tag,
    dependencies=WRITE,
    responses=CONFLICT_RESPONSE,
)
async def put_tag(request: Request, tag_id: TagId, body: schemas.TagUpdate) -> Response:
    """Change the given fields of a tag; the others stay as they are."""
    given = body.model_dump(exclude_none=True)
    if not given:
        detail = "At least one update parameter must be provided"
        raise HTTPException(status.HTTP_400_BAD_REQUEST, detail)

    def edit(conn: Conn) -> bytes | None:
        edit_tag(conn, tag_id, **given)
        return queries.get_tag(conn, tag_id)

    with conflict_if(Duplicate, CONFLICT.format(given.get("name", given.get("slug")))):
        document = await run_in_transaction(request, edit)
    return json_or_404(document, UnknownTag.from_ids(tag_id))


@router.delete("/{tag_id:segment}", status_code=status.HTTP_204_NO_CONTENT, dependencies=WRITE)
async def remove_tag(request: Request, tag_id: TagId) -> None:
    """Delete a tag; its artifacts stay."""
    if not await run(request, partial(delete_tag, id=tag_id)):
        raise UnknownTag.from_ids(tag_id)
