"""`/artifacts/{id}/…`: the tags, groups, versions and links of an artifact."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response, status

from skillmeat.api import queries, schemas
from skillmeat.api.authorized_route import AuthorizedRoute
from skillmeat.api.entity_tags import parse_if_match
from skillmeat.api.openapi import CSV_RESPONSE, ERROR_RESPONSES, row_changed_response
from skillmeat.api.params import Filter, IfMatch, TagId, TypeAndName, none_if_blank
from skillmeat.api.queries.projections import JsonItem
from skillmeat.api.routes.responses import (
    PREFIX,
    READ,
    WRITE,
    artifact_not_found,
    json_or_404,
    json_response,
    precondition,
    respond_list,
    run,
    run_in_transaction,
    run_read,
)
from skillmeat.catalogue.artifact_tags import replace_tags, tag_artifacts, untag_artifacts
from skillmeat.database.query import Conn
from skillmeat.errors import UnknownArtifact, UnknownTag

router = APIRouter(
    route_class=AuthorizedRoute,
    prefix=PREFIX + "/artifacts/{artifact_id:segment}",
    tags=["artifacts"],
    responses=ERROR_RESPONSES,
)


@router.get("/tags", response_model=list[schemas.Tag], dependencies=READ, responses=CSV_RESPONSE)
async def get_artifact_tags(request: Request, artifact_id: TypeAndName) -> Response:
    """List the tags of an artifact by name."""
    read = partial(queries.get_artifact_tags, id=artifact_id)
    not_found = artifact_not_found(artifact_id)
    return await respond_list(request, read, schemas.Tag, key=None, not_found=not_found)


@router.put(
    "/tags",
    response_model=schemas.Artifact,
    dependencies=WRITE,
    responses=row_changed_response(schemas.Artifact),
)
async def put_artifact_tags(
    request: Request,
    artifact_id: TypeAndName,
    body: schemas.ArtifactTags,
    if_match: IfMatch = "*",
) -> Response:
    """Replace all tags of an artifact, and create those that do not exist."""
    read = partial(queries.get_artifact, id=artifact_id)
    not_found = artifact_not_found(artifact_id)

    def replace(conn: Conn) -> JsonItem | None:
        replace_tags(conn, artifact_id, body.tags, if_updated_at=parse_if_match(if_match))
        return read(conn)

    try:
        async with precondition(request, read=read, not_found=not_found):
            item = await run_in_transaction(request, replace)
    except UnknownArtifact as error:
        raise not_found from error
    return json_or_404(item and item.document, not_found)


@router.post(
    "/tags/{tag_id:segment}",
    status_code=status.HTTP_201_CREATED,
    dependencies=WRITE,
    responses={
        200: {"model": schemas.AddedTag, "description": "The artifact had the tag already."}
    },
)
async def post_artifact_tag(
    request: Request, response: Response, artifact_id: TypeAndName, tag_id: TagId
) -> schemas.AddedTag:
    """Add a tag to an artifact."""
    add = partial(tag_artifacts, tag_id=tag_id, artifact_ids=[artifact_id])
    try:
        added = await run(request, add)
    except UnknownArtifact as error:
        raise artifact_not_found(artifact_id) from error
    except UnknownTag as error:
        raise UnknownTag.from_ids(tag_id) from error
    if not added:
        response.status_code = status.HTTP_200_OK
    return schemas.AddedTag(message=f"{artifact_id} has the tag {tag_id}")


@router.delete("/tags/{tag_id:segment}", status_code=status.HTTP_204_NO_CONTENT, dependencies=WRITE)
async def remove_artifact_tag(request: Request, artifact_id: TypeAndName, tag_id: TagId) -> None:
    """Remove a tag from an artifact."""
    remove = partial(untag_artifacts, tag_id=tag_id, artifact_ids=[artifact_id])
    if not await run(request, remove):
        detail = f"Artifact '{artifact_id}' does not have the tag '{tag_id}'"
        raise HTTPException(status.HTTP_404_NOT_FOUND, detail)


@router.get(
    "/history",
    response_model=schemas.ArtifactHistory,
    dependencies=READ,
    responses=CSV_RESPONSE,
)
async def get_artifact_history(
    request: Request,
    artifact_id: TypeAndName,
    *,
    include_versions: Annotated[bool, Query(description="False leaves the timeline empty.")] = True,
    limit: Annotated[int, Query(ge=1, le=2000, description="The largest number of events.")] = 300,
) -> Response:
    """List the versions of an artifact, the newest first, as a timeline."""
    read = partial(
        queries.get_artifact_history, id=artifact_id, limit=limit if include_versions else 0
    )
    not_found = artifact_not_found(artifact_id)
    row = schemas.HistoryEvent
    return await respond_list(request, read, row, key="timeline", not_found=not_found)


@router.get("/groups", response_model=schemas.GroupList, dependencies=READ, responses=CSV_RESPONSE)
async def get_artifact_groups(request: Request, artifact_id: TypeAndName) -> Response:
    """List the groups that an artifact is in, those of a collection by position."""
    read = partial(queries.list_artifact_groups, id=artifact_id)
    not_found = artifact_not_found(artifact_id)
    return await respond_list(request, read, schemas.Group, key="groups", not_found=not_found)


@router.get("/content", response_model=schemas.ArtifactContent, dependencies=READ)
async def get_artifact_content(
    request: Request,
    artifact_id: TypeAndName,
    *,
    version: Annotated[
        Filter,
        Query(
            description="A version number, a content hash, or the first 8 or more characters of "
            "one; the newest version by default."
        ),
    ] = None,
) -> Response:
    """Read the text of an artifact, as the import kept it."""
    named = none_if_blank(version)
    read = partial(queries.get_artifact_content, id=artifact_id, version=named)
    content = await run_read(request, read)
    if content is None:
        raise artifact_not_found(artifact_id)
    if content.document is not None:
        return json_response(content.document)
    detail = f"No text of artifact '{artifact_id}' is kept: import it again"
    if named and not content.has_version:
        detail = f"Artifact '{artifact_id}' has no version '{named}'"
    raise HTTPException(status.HTTP_404_NOT_FOUND, detail)


@router.get("/linked-artifacts", response_model=schemas.LinkedArtifacts, dependencies=READ)
async def get_linked_artifacts(request: Request, artifact_id: TypeAndName) -> Response:
    """List the links in the metadata of an artifact."""
    document = await run_read(request, partial(queries.get_linked_artifacts, id=artifact_id))
    return json_or_404(document, artifact_not_found(artifact_id))
