"""`/tags`."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response, status

from skillmeat.api import queries, schemas
from skillmeat.api.authorized_route import AuthorizedRoute
from skillmeat.api.entity_tags import parse_if_match
from skillmeat.api.openapi import (
    CONFLICT_RESPONSE,
    CSV_RESPONSE,
    ERROR_RESPONSES,
    row_changed_response,
)
from skillmeat.api.params import AfterCursor, BeforeCursor, IfMatch, Limit, TagId, decode_cursor
from skillmeat.api.queries.projections import JsonItem
from skillmeat.api.routes.responses import (
    NOTHING_TO_UPDATE,
    PREFIX,
    READ,
    WRITE,
    conflict_if,
    item_or_404,
    json_or_404,
    json_response,
    precondition,
    respond_list,
    run,
    run_in_transaction,
    run_read,
)
from skillmeat.catalogue.tags import create_tag, delete_tag, edit_tag
from skillmeat.database.query import Conn
from skillmeat.errors import Duplicate, UnknownTag

router = APIRouter(
    route_class=AuthorizedRoute,
    prefix=PREFIX + "/tags",
    tags=["tags"],
    responses=ERROR_RESPONSES,
)
CONFLICT: Final = "Tag with name '{}' or its slug already exists"


@router.get("", response_model=schemas.Page[schemas.Tag], dependencies=READ, responses=CSV_RESPONSE)
async def list_tags(
    request: Request, *, limit: Limit = 20, after: AfterCursor = None, before: BeforeCursor = None
) -> Response:
    """List tags by name, each with the number of its artifacts."""
    query = partial(
        queries.list_tags, limit=limit, after=decode_cursor(after), before=decode_cursor(before)
    )
    return await respond_list(request, query, schemas.Tag)


@router.get("/search", response_model=list[schemas.Tag], dependencies=READ, responses=CSV_RESPONSE)
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
    query = partial(queries.search_tags, search=q, limit=limit)
    return await respond_list(request, query, schemas.Tag, key=None)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=schemas.Tag,
    dependencies=WRITE,
    responses=CONFLICT_RESPONSE,
)
async def post_tag(request: Request, body: schemas.TagCreate) -> Response:
    """Create a tag."""

    def create(conn: Conn) -> JsonItem | None:
        return queries.get_tag(conn, create_tag(conn, **body.model_dump()).id)

    with conflict_if(Duplicate, CONFLICT.format(body.name)):
        item = await run_in_transaction(request, create)
    assert item is not None  # noqa: S101 - this transaction has created it
    return json_response(item.document, status.HTTP_201_CREATED)


@router.get("/{tag_id:segment}", response_model=schemas.Tag, dependencies=READ)
async def get_tag(request: Request, tag_id: TagId) -> Response:
    """Read a tag."""
    item = await run_read(request, partial(queries.get_tag, id=tag_id))
    return item_or_404(item, UnknownTag.from_ids(tag_id))


@router.put(
    "/{tag_id:segment}",
    response_model=schemas.Tag,
    dependencies=WRITE,
    responses=CONFLICT_RESPONSE | row_changed_response(schemas.Tag),
)
async def put_tag(
    request: Request, tag_id: TagId, body: schemas.TagUpdate, if_match: IfMatch = "*"
) -> Response:
    """Change the given fields of a tag; the others stay as they are."""
    given = body.model_dump(exclude_none=True)
    if not given:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, NOTHING_TO_UPDATE)

    read = partial(queries.get_tag, id=tag_id)
    not_found = UnknownTag.from_ids(tag_id)

    def edit(conn: Conn) -> JsonItem | None:
        edit_tag(conn, tag_id, **given, if_updated_at=parse_if_match(if_match))
        return read(conn)

    async with precondition(request, read=read, not_found=not_found):
        with conflict_if(Duplicate, CONFLICT.format(given.get("name", given.get("slug")))):
            item = await run_in_transaction(request, edit)
    return json_or_404(item and item.document, not_found)


@router.delete(
    "/{tag_id:segment}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=WRITE,
    responses=row_changed_response(schemas.Tag),
)
async def remove_tag(request: Request, tag_id: TagId, if_match: IfMatch = "*") -> None:
    """Delete a tag; its artifacts stay."""
    read = partial(queries.get_tag, id=tag_id)
    not_found = UnknownTag.from_ids(tag_id)
    delete = partial(delete_tag, id=tag_id, if_updated_at=parse_if_match(if_match))
    async with precondition(request, read=read, not_found=not_found):
        if not await run(request, delete):
            raise not_found
