"""`/groups`."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final

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
from skillmeat.api.params import ArtifactId, Filter, GroupId, IfMatch, NameSearch, none_if_blank
from skillmeat.api.queries.projections import JsonItem
from skillmeat.api.routes.responses import (
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
from skillmeat.catalogue.group_members import add_to_group, move_in_group, remove_from_group
from skillmeat.catalogue.groups import copy_group, create_group, delete_group, edit_group
from skillmeat.database.query import Conn
from skillmeat.errors import Duplicate, UnknownArtifact, UnknownCollection, UnknownGroup

router = APIRouter(
    route_class=AuthorizedRoute,
    prefix=PREFIX + "/groups",
    tags=["groups"],
    responses=ERROR_RESPONSES,
)
NAME_CONFLICT: Final = "Group '{}' already exists in collection"


@router.get("", response_model=schemas.GroupList, dependencies=READ, responses=CSV_RESPONSE)
async def list_groups(
    request: Request,
    *,
    collection_id: Annotated[str, Query(pattern=schemas.TEXT)],
    search: NameSearch = None,
    artifact_id: Annotated[Filter, Query(description="Only groups with this artifact.")] = None,
) -> Response:
    """List the groups of a collection by position."""
    query = partial(
        queries.list_groups,
        collection=collection_id,
        search=none_if_blank(search),
        artifact=none_if_blank(artifact_id),
    )
    not_found = UnknownCollection.from_ids(collection_id)
    return await respond_list(request, query, schemas.Group, key="groups", not_found=not_found)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=schemas.Group,
    dependencies=WRITE,
    responses=CONFLICT_RESPONSE,
)
async def post_group(request: Request, body: schemas.GroupCreate) -> Response:
    """Create an empty group."""

    def create(conn: Conn) -> JsonItem | None:
        created = create_group(conn, **body.model_dump(exclude_none=True))
        return queries.get_group(conn, created.id)

    try:
        with conflict_if(Duplicate, NAME_CONFLICT.format(body.name)):
            item = await run_in_transaction(request, create)
    except UnknownCollection as error:
        raise UnknownCollection.from_ids(body.collection_id) from error
    assert item is not None  # noqa: S101 - this transaction has created it
    return json_response(item.document, status.HTTP_201_CREATED)


@router.get("/{group_id:segment}", response_model=schemas.GroupWithArtifacts, dependencies=READ)
async def get_group(request: Request, group_id: GroupId) -> Response:
    """Read a group and its artifacts by position."""
    query = partial(queries.get_group, id=group_id, with_artifacts=True)
    return item_or_404(await run_read(request, query), UnknownGroup.from_ids(group_id))


@router.put(
    "/{group_id:segment}",
    response_model=schemas.Group,
    dependencies=WRITE,
    responses=CONFLICT_RESPONSE | row_changed_response(schemas.Group),
)
async def put_group(
    request: Request, group_id: GroupId, body: schemas.GroupUpdate, if_match: IfMatch = "*"
) -> Response:
    """Change the given fields of a group; the others stay as they are."""
    given = body.model_dump(exclude_none=True)

    read = partial(queries.get_group, id=group_id)
    not_found = UnknownGroup.from_ids(group_id)

    def edit(conn: Conn) -> JsonItem | None:
        if given:
            edit_group(conn, group_id, **given, if_updated_at=parse_if_match(if_match))
        return read(conn)

    async with precondition(request, read=read, not_found=not_found):
        with conflict_if(Duplicate, NAME_CONFLICT.format(given.get("name"))):
            item = await run_in_transaction(request, edit)
    return json_or_404(item and item.document, not_found)


@router.delete(
    "/{group_id:segment}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=WRITE,
    responses=row_changed_response(schemas.Group),
)
async def remove_group(request: Request, group_id: GroupId, if_match: IfMatch = "*") -> None:
    """Delete a group; its artifacts stay in the collection."""
    read = partial(queries.get_group, id=group_id)
    not_found = UnknownGroup.from_ids(group_id)
    delete = partial(delete_group, id=group_id, if_updated_at=parse_if_match(if_match))
    async with precondition(request, read=read, not_found=not_found):
        if not await run(request, delete):
            raise not_found


@router.post(
    "/{group_id:segment}/copy",
    status_code=status.HTTP_201_CREATED,
    response_model=schemas.Group,
    dependencies=WRITE,
    responses=CONFLICT_RESPONSE,
)
async def post_group_copy(request: Request, group_id: GroupId, body: schemas.GroupCopy) -> Response:
    """Copy a group to a collection, which its artifacts join; its name ends in ` (Copy)`."""

    def copy(conn: Conn) -> JsonItem | None:
        copied = copy_group(conn, group_id, to_collection=body.target_collection_id)
        return queries.get_group(conn, copied)

    with conflict_if(Duplicate, "The collection has a copy of this group: rename it first"):
        item = await run_in_transaction(request, copy)
    assert item is not None  # noqa: S101 - this transaction has created it
    return json_response(item.document, status.HTTP_201_CREATED)


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
    """Add artifacts of the group's collection to the group; artifacts in the group stay."""

    def add(conn: Conn) -> JsonItem | None:
        add_to_group(conn, group_id, body.artifact_ids, position=body.position)
        return queries.get_group(conn, group_id, with_artifacts=True)

    try:
        with conflict_if(UnknownArtifact):
            item = await run_in_transaction(request, add)
    except UnknownGroup as error:
        raise UnknownGroup.from_ids(group_id) from error
    assert item is not None  # noqa: S101 - this transaction has added artifacts to it
    return json_response(item.document, status.HTTP_201_CREATED)


@router.delete(
    "/{group_id:segment}/artifacts/{artifact_id:rest}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=WRITE,
)
async def remove_group_artifact(
    request: Request, group_id: GroupId, artifact_id: ArtifactId
) -> None:
    """Remove an artifact from a group, not from its collection; later artifacts move up."""
    remove = partial(remove_from_group, group_id=group_id, artifact_ids=[artifact_id])
    if not await run(request, remove):
        detail = f"Artifact '{artifact_id}' not found in group '{group_id}'"
        raise HTTPException(status.HTTP_404_NOT_FOUND, detail)


def _accept_reorder(method: str, path: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return router.api_route(
        "/{group_id:segment}" + path,
        methods=[method],
        response_model=schemas.GroupWithArtifacts,
        dependencies=WRITE,
        responses=CONFLICT_RESPONSE,
    )


# SkillMeat's server accepts POST; its web client sends it to another path.
@_accept_reorder("POST", "/artifacts/reorder")
@_accept_reorder("POST", "/reorder-artifacts")
@_accept_reorder("PUT", "/reorder-artifacts")
async def reorder_group_artifacts(
    request: Request, group_id: GroupId, body: schemas.GroupReorder
) -> Response:
    """Give artifacts new positions: all of them, or none if an artifact is not in the group."""

    def move(conn: Conn) -> JsonItem | None:
        move_in_group(conn, group_id, {each.key: each.position for each in body.artifacts})
        return queries.get_group(conn, group_id, with_artifacts=True)

    with conflict_if(UnknownArtifact):
        item = await run_in_transaction(request, move)
    return json_or_404(item and item.document, UnknownGroup.from_ids(group_id))
