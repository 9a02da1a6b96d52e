"""`/user-collections`, without the endpoints of their artifacts."""

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
from skillmeat.api.params import (
    AfterCursor,
    BeforeCursor,
    CollectionId,
    Filter,
    IfMatch,
    Limit,
    NameSearch,
    decode_cursor,
    none_if_blank,
)
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
from skillmeat.catalogue.collections import (
    CollectionOrder,
    create_collection,
    delete_collection,
    edit_collection,
)
from skillmeat.catalogue.groups import order_groups
from skillmeat.database.query import Conn
from skillmeat.errors import Duplicate, UnknownCollection, UnknownGroup

router = APIRouter(
    route_class=AuthorizedRoute,
    prefix=PREFIX + "/user-collections",
    tags=["collections"],
    responses=ERROR_RESPONSES,
)
NAME_CONFLICT: Final = "Collection with name '{}' already exists"


@router.get(
    "",
    response_model=schemas.Page[schemas.Collection],
    dependencies=READ,
    responses=CSV_RESPONSE,
)
async def list_collections(  # noqa: PLR0913 - a parameter each
    request: Request,
    *,
    limit: Limit = 20,
    after: AfterCursor = None,
    before: BeforeCursor = None,
    search: NameSearch = None,
    collection_type: Filter = None,
    sort: Annotated[
        CollectionOrder,
        Query(description="By id, in code point order; or by name from A to Z, `default` first."),
    ] = "id",
) -> Response:
    """List collections by id or by name, each with its exact counts."""
    query = partial(
        queries.list_collections,
        limit=limit,
        after=decode_cursor(after),
        before=decode_cursor(before),
        search=none_if_blank(search),
        type=none_if_blank(collection_type),
        sort=sort,
    )
    return await respond_list(request, query, schemas.Collection)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=schemas.Collection,
    dependencies=WRITE,
    responses=CONFLICT_RESPONSE,
)
async def post_collection(request: Request, body: schemas.CollectionCreate) -> Response:
    """Create an empty collection."""

    def create(conn: Conn) -> JsonItem | None:
        created = create_collection(conn, **body.model_dump())
        return queries.get_collection(conn, created.id)

    with conflict_if(Duplicate, NAME_CONFLICT.format(body.name)):
        item = await run_in_transaction(request, create)
    assert item is not None  # noqa: S101 - this transaction has created it
    return json_response(item.document, status.HTTP_201_CREATED)


@router.get(
    "/{collection_id:segment}",
    response_model=schemas.CollectionWithGroups,
    dependencies=READ,
)
async def get_collection(request: Request, collection_id: CollectionId) -> Response:
    """Read a collection and its groups."""
    read = partial(queries.get_collection, id=collection_id, with_groups=True)
    return item_or_404(await run_read(request, read), UnknownCollection.from_ids(collection_id))


@router.put(
    "/{collection_id:segment}",
    response_model=schemas.Collection,
    dependencies=WRITE,
    responses=CONFLICT_RESPONSE | row_changed_response(schemas.Collection),
)
async def put_collection(
    request: Request,
    collection_id: CollectionId,
    body: schemas.CollectionUpdate,
    if_match: IfMatch = "*",
) -> Response:
    """Change the given fields of a collection; the others stay as they are."""
    given = body.model_dump(exclude_none=True)
    if not given:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, NOTHING_TO_UPDATE)

    read = partial(queries.get_collection, id=collection_id)
    not_found = UnknownCollection.from_ids(collection_id)

    def edit(conn: Conn) -> JsonItem | None:
        edit_collection(conn, collection_id, **given, if_updated_at=parse_if_match(if_match))
        return read(conn)

    async with precondition(request, read=read, not_found=not_found):
        with conflict_if(Duplicate, NAME_CONFLICT.format(given.get("name"))):
            item = await run_in_transaction(request, edit)
    return json_or_404(item and item.document, not_found)


@router.put(
    "/{collection_id:segment}/reorder-groups",
    response_model=schemas.CollectionWithGroups,
    dependencies=WRITE,
    responses=CONFLICT_RESPONSE,
)
async def reorder_groups(
    request: Request, collection_id: CollectionId, body: schemas.GroupOrder
) -> Response:
    """Give groups this order: all of them, or none if a group is not in the collection."""

    def order(conn: Conn) -> JsonItem | None:
        order_groups(conn, collection_id, body.group_ids)
        return queries.get_collection(conn, collection_id, with_groups=True)

    with conflict_if(UnknownGroup):
        item = await run_in_transaction(request, order)
    return json_or_404(item and item.document, UnknownCollection.from_ids(collection_id))


@router.delete(
    "/{collection_id:segment}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=WRITE,
    responses=row_changed_response(schemas.Collection),
)
async def remove_collection(
    request: Request, collection_id: CollectionId, if_match: IfMatch = "*"
) -> None:
    """Delete a collection with its groups; its artifacts stay."""
    read = partial(queries.get_collection, id=collection_id)
    not_found = UnknownCollection.from_ids(collection_id)
    delete = partial(delete_collection, id=collection_id, if_updated_at=parse_if_match(if_match))
    async with precondition(request, read=read, not_found=not_found):
        if not await run(request, delete):
            raise not_found
