"""`/groups`."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response, status

from skillmeat.api import queries, schemas
from skillmeat.api.auth import require_read, require_write
from skillmeat.api.openapi import CONFLICT_RESPONSE, ERROR_RESPONSES
from skillmeat.api.params import ArtifactId, Filter, GroupId, NameSearch, none_if_blank
from skillmeat.api.routes.responses import (
    PREFIX,
    conflict,
    json_or_404,
    json_response,
    run,
    run_in_transaction,
)
from skillmeat.catalogue.group_members import add_to_group, move_in_group, remove_from_group
from skillmeat.catalogue.groups import create_group, delete_group, edit_group
from skillmeat.errors import Duplicate, UnknownArtifact, UnknownCollection, UnknownGroup
from skillmeat.query import Conn

router = APIRouter(prefix=PREFIX + "/groups", tags=["groups"], responses=ERROR_RESPONSES)
READ = [Depends(require_read)]
WRITE = [Depends(require_write)]


@router.get("", response_model=schemas.GroupList, dependencies=READ)
async def list_groups(
    request: Request,
    *,
    collection_id: Annotated[str, Query(pattern=schemas.TEXT)],
    search: NameSearch = None,
    artifact_id: Annotated[Filter, Query(description="Only those with this artifact.")] = None,
) -> Response:
    """List the groups of a collection by position."""
    query = partial(
        queries.list_groups,
        collection=collection_id,
        search=none_if_blank(search),
        artifact=none_if_blank(artifact_id),
    )
    return json_or_404(await run(request, query), UnknownCollection.from_ids(collection_id))


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=schemas.Group,
    dependencies=WRITE,
    responses=CONFLICT_RESPONSE,
)
async def post_group(request: Request, body: schemas.GroupCreate) -> Response:
    """Create an empty group."""

    def create(conn: Conn) -> bytes | None:
        created = create_group(conn, **body.model_dump(exclude_none=True))
        return queries.get_group(conn, created.id)

    try:
        document = await run_in_transaction(request, create)
    except UnknownCollection as error:
        raise UnknownCollection.from_ids(body.collection_id) from error
    except Duplicate as error:
        raise _name_conflict(body.name) from error
    assert document is not None  # noqa: S101 - it was created just now
    return json_response(document, status.HTTP_201_CREATED)


@router.get("/{group_id:segment}", response_model=schemas.GroupWithArtifacts, dependencies=READ)
async def get_group(request: Request, group_id: GroupId) -> Response:
    """Read a group and its artifacts by position."""
    query = partial(queries.get_group, id=group_id, with_artifacts=True)
    return json_or_404(await run(request, query), UnknownGroup.from_ids(group_id))


@router.put(
    "/{group_id:segment}",
    response_model=schemas.Group,
    dependencies=WRITE,
    responses=CONFLICT_RESPONSE,
)
async def put_group(request: Request, group_id: GroupId, body: schemas.GroupUpdate) -> Response:
    """Change what is given, and leave the rest."""
    given = body.model_dump(exclude_none=True)

    def edit(conn: Conn) -> bytes | None:
        if given:
            edit_group(conn, group_id, **given)
        return queries.get_group(conn, group_id)

    try:
        document = await run_in_transaction(request, edit)
    except Duplicate as error:
        raise _name_conflict(given["name"]) from error
    return json_or_404(document, UnknownGroup.from_ids(group_id))


@router.delete("/{group_id:segment}", status_code=status.HTTP_204_NO_CONTENT, dependencies=WRITE)
async def remove_group(request: Request, group_id: GroupId) -> None:
    """Delete a group; its artifacts stay in the collection."""
    if not await run(request, partial(delete_group, id=group_id)):
        raise UnknownGroup.from_ids(group_id)


@router.post(
    "/{group_id:segment}/artifacts",
    status_code=status.HTTP_201_CREATED,
    response_model=schemas.GroupWithArtifacts,
    dependencies=WRITE,
    responses=CONFLICT_RESPONSE,
)
async def post_group_artifacts(
    request: Request, group_id: GroupId, body: schemas.GroupArtifactsAdd
) -> Response:
    """Add artifacts of the group's collection to the group; those that are in it stay."""

    def add(conn: Conn) -> bytes | None:
        add_to_group(conn, group_id, body.artifact_ids, position=body.position)
        return queries.get_group(conn, group_id, with_artifacts=True)

    try:
        document = await run_in_transaction(request, add)
    except UnknownGroup as error:
        raise UnknownGroup.from_ids(group_id) from error
    except UnknownArtifact as error:
        raise conflict(str(error)) from error
    assert document is not None  # noqa: S101 - something was put in it just now
    return json_response(document, status.HTTP_201_CREATED)


@router.delete(
    "/{group_id:segment}/artifacts/{artifact_id:rest}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=WRITE,
)
async def remove_group_artifact(
    request: Request, group_id: GroupId, artifact_id: ArtifactId
) -> None:
    """Remove an artifact from a group, not from its collection; those behind it move up."""
    remove = partial(remove_from_group, group_id=group_id, artifact_ids=[artifact_id])
    if not await run(request, remove):
        detail = f"Artifact '{artifact_id}' not found in group '{group_id}'"
        raise HTTPException(status.HTTP_404_NOT_FOUND, detail)


@router.put(
    "/{group_id:segment}/reorder-artifacts",
    response_model=schemas.GroupWithArtifacts,
    dependencies=WRITE,
    responses=CONFLICT_RESPONSE,
)
async def reorder_group_artifacts(
    request: Request, group_id: GroupId, body: schemas.GroupReorder
) -> Response:
    """Give artifacts of a group new positions: all of them, or none where one is not in it."""

    def move(conn: Conn) -> bytes | None:
        move_in_group(conn, group_id, {each.key: each.position for each in body.artifacts})
        return queries.get_group(conn, group_id, with_artifacts=True)

    try:
        document = await run_in_transaction(request, move)
    except UnknownArtifact as error:
        raise conflict(str(error)) from error
    return json_or_404(document, UnknownGroup.from_ids(group_id))


def _name_conflict(name: str) -> HTTPException:
    return conflict(f"Group '{name}' already exists in collection")
