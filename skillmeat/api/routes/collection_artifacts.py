"""`/user-collections/{id}/artifacts`."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status

from skillmeat.api import queries, schemas
from skillmeat.api.authorized_route import AuthorizedRoute
from skillmeat.api.openapi import CSV_RESPONSE, ERROR_RESPONSES
from skillmeat.api.params import (
    AfterCursor,
    ArtifactId,
    BeforeCursor,
    CollectionId,
    Filter,
    Limit,
    decode_cursor,
    none_if_blank,
    split_list,
)
from skillmeat.api.routes.artifacts import ArtifactType
from skillmeat.api.routes.responses import PREFIX, READ, WRITE, respond_list, run
from skillmeat.catalogue.collections import get_collection
from skillmeat.catalogue.memberships import add_artifacts, remove_artifacts
from skillmeat.database.query import Conn
from skillmeat.errors import UnknownCollection

router = APIRouter(
    route_class=AuthorizedRoute,
    prefix=PREFIX + "/user-collections/{collection_id:segment}/artifacts",
    tags=["collections"],
    responses=ERROR_RESPONSES,
)


@router.get(
    "",
    response_model=schemas.Page[schemas.CollectionArtifact],
    dependencies=READ,
    responses=CSV_RESPONSE,
)
async def list_collection_artifacts(  # noqa: PLR0913 - a parameter each
    request: Request,
    collection_id: CollectionId,
    *,
    limit: Limit = 20,
    after: AfterCursor = None,
    before: BeforeCursor = None,
    artifact_type: ArtifactType = None,
    group_id: Annotated[
        Filter,
        Query(description="Only artifacts in this group; an unknown one has none."),
    ] = None,
    include_groups: Annotated[
        bool, Query(description="Include the groups of the collection that each artifact is in.")
    ] = False,
) -> Response:
    """List the artifacts of a collection by id."""
    query = partial(
        queries.list_collection_artifacts,
        collection=collection_id,
        limit=limit,
        after=decode_cursor(after),
        before=decode_cursor(before),
        types=split_list(artifact_type) or request.app.state.types,
        group=none_if_blank(group_id),
        with_groups=include_groups,
    )
    return await respond_list(request, query, schemas.CollectionArtifact)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=schemas.AddedArtifacts,
    dependencies=WRITE,
    responses={
        200: {"model": schemas.AddedArtifacts, "description": "All artifacts were members already."}
    },
)
async def post_collection_artifacts(
    request: Request, response: Response, collection_id: CollectionId, body: schemas.ArtifactIds
) -> schemas.AddedArtifacts:
    """Add artifacts to a collection: all of them, or none if an artifact does not exist."""
    add = partial(add_artifacts, collection_id=collection_id, artifact_ids=body.artifact_ids)
    try:
        added = await run(request, add)
    except UnknownCollection as error:
        raise UnknownCollection.from_ids(collection_id) from error
    if not added.added:
        response.status_code = status.HTTP_200_OK
    return schemas.AddedArtifacts(
        collection_id=collection_id,
        added_count=added.added,
        already_present_count=added.already_present,
        total_artifacts=added.artifact_count,
    )


@router.delete(
    "/{artifact_id:rest}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=WRITE,
)
async def remove_collection_artifact(
    request: Request, collection_id: CollectionId, artifact_id: ArtifactId
) -> None:
    """Remove an artifact from a collection and its groups, if it is a member."""

    def remove(conn: Conn) -> bool:
        removed = remove_artifacts(conn, collection_id, [artifact_id])
        return removed > 0 or get_collection(conn, collection_id) is not None

    if not await run(request, remove):
        raise UnknownCollection.from_ids(collection_id)
