"""`/user-collections`, but for what is in them."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response, status

from skillmeat.api import queries, schemas
from skillmeat.api.auth import reading, writing
from skillmeat.api.params import (
    After,
    Before,
    CollectionId,
    Filter,
    Limit,
    Search,
    key_of,
    text_or_none,
)
from skillmeat.api.routes.responses import (
    API,
    COLLECTION,
    CONFLICT,
    RESPONSES,
    as_json,
    commit,
    found,
    not_found,
    run,
)
from skillmeat.catalogue.collections import create_collection, delete_collection, edit_collection
from skillmeat.errors import Duplicate, UnknownKey
from skillmeat.query import Conn

router = APIRouter(prefix=API + "/user-collections", tags=["collections"], responses=RESPONSES)
Reading = [Depends(reading)]
Writing = [Depends(writing)]


@router.get("", response_model=schemas.Page[schemas.Collection], dependencies=Reading)
async def list_collections(  # noqa: PLR0913 - a parameter each
    request: Request,
    *,
    limit: Limit = 20,
    after: After = None,
    before: Before = None,
    search: Annotated[Search, Query(description="In the name, whatever its case.")] = None,
    collection_type: Filter = None,
) -> Response:
    """List collections by id, each with its exact counts."""
    asked = partial(
        queries.collections,
        limit=limit,
        after=key_of(after),
        before=key_of(before),
        search=text_or_none(search),
        type=text_or_none(collection_type),
    )
    return as_json(await run(request, asked))


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=schemas.Collection,
    dependencies=Writing,
    responses=CONFLICT,
)
async def post_collection(request: Request, body: schemas.NewCollection) -> Response:
    """Create an empty collection."""

    def create(conn: Conn) -> bytes | None:
        created = create_collection(conn, **body.model_dump())
        return queries.collection(conn, created.id)

    try:
        document = await commit(request, create)
    except Duplicate as error:
        raise taken(body.name) from error
    assert document is not None  # noqa: S101 - it was created just now
    return as_json(document, status.HTTP_201_CREATED)


@router.get(
    "/{collection_id:segment}",
    response_model=schemas.CollectionWithGroups,
    dependencies=Reading,
)
async def get_collection(request: Request, collection_id: CollectionId) -> Response:
    """Read a collection and its groups."""
    read = partial(queries.collection, id=collection_id, with_groups=True)
    return found(await run(request, read), COLLECTION, collection_id)


@router.put(
    "/{collection_id:segment}",
    response_model=schemas.Collection,
    dependencies=Writing,
    responses=CONFLICT,
)
async def put_collection(
    request: Request, collection_id: CollectionId, body: schemas.CollectionEdit
) -> Response:
    """Change what is given, and leave the rest."""
    given = body.model_dump(exclude_none=True)
    if not given:
        detail = "At least one update parameter must be provided"
        raise HTTPException(status.HTTP_400_BAD_REQUEST, detail)

    def edit(conn: Conn) -> bytes | None:
        edit_collection(conn, collection_id, **given)
        return queries.collection(conn, collection_id)

    try:
        document = await commit(request, edit)
    except UnknownKey as error:
        raise not_found(COLLECTION, collection_id) from error
    except Duplicate as error:
        raise taken(given["name"]) from error
    return found(document, COLLECTION, collection_id)


@router.delete(
    "/{collection_id:segment}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=Writing,
)
async def remove_collection(request: Request, collection_id: CollectionId) -> None:
    """Delete a collection with its groups; its artifacts stay."""
    if not await run(request, partial(delete_collection, id=collection_id)):
        raise not_found(COLLECTION, collection_id)


def taken(name: str) -> HTTPException:
    """The refusal of a name that another collection has."""
    detail = f"Collection with name '{name}' already exists"
    return HTTPException(status.HTTP_409_CONFLICT, detail)
