"""`/artifacts`."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response, status
from pydantic import StringConstraints

from skillmeat.api import queries, schemas
from skillmeat.api.authorized_route import AuthorizedRoute
from skillmeat.api.entity_tags import parse_if_match
from skillmeat.api.openapi import CSV_RESPONSE, ERROR_RESPONSES, row_changed_response
from skillmeat.api.params import (
    AfterCursor,
    ArtifactLimit,
    BeforeCursor,
    Filter,
    IfMatch,
    SearchWords,
    TypeAndName,
    decode_cursor,
    none_if_blank,
    split_list,
)
from skillmeat.api.queries.projections import JsonItem
from skillmeat.api.routes.responses import (
    NOTHING_TO_UPDATE,
    PREFIX,
    READ,
    WRITE,
    artifact_not_found,
    item_or_404,
    json_or_404,
    precondition,
    respond_list,
    run,
    run_in_transaction,
    run_read,
)
from skillmeat.catalogue.artifact_order import ArtifactOrder
from skillmeat.catalogue.artifact_tags import replace_tags
from skillmeat.catalogue.artifacts import delete_artifact, edit_artifact
from skillmeat.database.query import Conn
from skillmeat.errors import UnknownArtifact

router = APIRouter(
    route_class=AuthorizedRoute,
    prefix=PREFIX + "/artifacts",
    tags=["artifacts"],
    responses=ERROR_RESPONSES,
)

TYPES = (
    "skill|command|agent|hook|mcp|mcp_server|lsp_server|monitor|output_style|theme|workflow"
    "|composite|project_config|spec_file|rule_file|context_file|progress_template"
)
ArtifactType = Annotated[
    str | None,
    Query(
        description="Any of these types, separated by commas.",
        examples=["skill,agent"],
        json_schema_extra={"pattern": f"^(({TYPES})(,({TYPES}))*)?$"},
    ),
]
TagNames = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]] | None,
    Query(description="Any of these tags; repeat it. Unlike in `tags`, a comma is part of a name."),
]


@router.get(
    "",
    response_model=schemas.Page[schemas.Artifact],
    dependencies=READ,
    responses=CSV_RESPONSE,
)
async def list_artifacts(  # noqa: PLR0913 - a parameter each
    request: Request,
    *,
    limit: ArtifactLimit = 20,
    after: AfterCursor = None,
    before: BeforeCursor = None,
    artifact_type: ArtifactType = None,
    collection: Annotated[Filter, Query(description="The id or the name of a collection.")] = None,
    group_id: Annotated[
        Filter, Query(description="The id of a group; an unknown one has no artifacts.")
    ] = None,
    tags: Annotated[Filter, Query(description="Any of these tags, separated by commas.")] = None,
    tag: TagNames = None,
    tools: Annotated[
        Filter, Query(description="Any of these tools, separated by commas, in any case.")
    ] = None,
    search: SearchWords = None,
    sort: Annotated[
        ArtifactOrder | None,
        Query(
            description="By id, in code point order; by name, from A to Z; the last change first; "
            "or by position in the group. By default a search is by rank, another list by id."
        ),
    ] = None,
) -> Response:
    """List artifacts by id, in code point order, each with its collections.

    A search is ordered by rank: the artifact with that name first, matches in names before tags,
    and tags before titles and descriptions.
    """
    query = partial(
        queries.list_artifacts,
        limit=limit,
        after=decode_cursor(after),
        before=decode_cursor(before),
        types=split_list(artifact_type) or request.app.state.types,
        collection=none_if_blank(collection),
        tags=(*split_list(tags), *(each for each in tag or () if each.strip())),
        group=none_if_blank(group_id),
        tools=split_list(tools),
        search=none_if_blank(search),
        sort=sort,
    )
    return await respond_list(request, query, schemas.Artifact)


CHANGED: Final = row_changed_response(schemas.Artifact)


@router.put("/{artifact_id:segment}/parameters", dependencies=WRITE, responses=CHANGED)
async def put_parameters(
    request: Request,
    artifact_id: TypeAndName,
    body: schemas.ParametersUpdate,
    if_match: IfMatch = "*",
) -> schemas.UpdatedParameters:
    """Change the given parameters of an artifact; the others stay as they are."""
    given = body.parameters.model_dump(exclude_none=True)
    columns = {"source": given["source"]} if "source" in given else {}
    metadata = {
        key: given[name]
        for name, key in (("version", "version_spec"), ("aliases", "aliases"))
        if name in given
    }
    await _edit(request, artifact_id, columns, metadata, given.get("tags"), if_match)
    return schemas.UpdatedParameters(
        success=True,
        artifact_id=artifact_id,
        updated_fields=list(given),
        message=f"Changed {', '.join(given)} of {artifact_id}",
    )


@router.get("/{artifact_id:segment}", response_model=schemas.Artifact, dependencies=READ)
async def get_artifact(request: Request, artifact_id: TypeAndName) -> Response:
    """Read one artifact."""
    item = await run_read(request, partial(queries.get_artifact, id=artifact_id))
    return item_or_404(item, artifact_not_found(artifact_id))


@router.put(
    "/{artifact_id:segment}",
    response_model=schemas.Artifact,
    dependencies=WRITE,
    responses=CHANGED,
)
async def put_artifact(
    request: Request,
    artifact_id: TypeAndName,
    body: schemas.ArtifactUpdate,
    if_match: IfMatch = "*",
) -> Response:
    """Change the given fields of an artifact; the others stay as they are.

    `tags` replaces all tags, and creates those that do not exist. The next import of a source that
    has the artifact overwrites what it brings.
    """
    columns = body.get_given()
    tags = columns.pop("tags", None)
    metadata = {"aliases": body.aliases} if body.aliases is not None else {}
    item = await _edit(request, artifact_id, columns, metadata, tags, if_match)
    return json_or_404(item and item.document, artifact_not_found(artifact_id))


@router.delete(
    "/{artifact_id:segment}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=WRITE,
    responses=CHANGED,
)
async def remove_artifact(
    request: Request, artifact_id: TypeAndName, if_match: IfMatch = "*"
) -> None:
    """Delete an artifact with its memberships, tags and versions."""
    read = partial(queries.get_artifact, id=artifact_id)
    not_found = artifact_not_found(artifact_id)
    delete = partial(delete_artifact, id=artifact_id, if_updated_at=parse_if_match(if_match))
    async with precondition(request, read=read, not_found=not_found):
        if not await run(request, delete):
            raise not_found


async def _edit(  # noqa: PLR0913, PLR0917 - as many as the request has
    request: Request,
    artifact_id: str,
    columns: Mapping[str, object],
    metadata: Mapping[str, object],
    tags: list[str] | None,
    if_match: str,
) -> JsonItem | None:
    given: dict[str, Any] = {**columns, **({"metadata": metadata} if metadata else {})}
    if not given and tags is None:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, NOTHING_TO_UPDATE)

    read = partial(queries.get_artifact, id=artifact_id)
    not_found = artifact_not_found(artifact_id)

    def edit(conn: Conn) -> JsonItem | None:
        if_updated_at = parse_if_match(if_match)
        if tags is not None:
            replace_tags(conn, artifact_id, tags, if_updated_at=if_updated_at)
            # The row is locked now, and has another time.
            if_updated_at = None
        if given:
            edit_artifact(conn, artifact_id, **given, if_updated_at=if_updated_at)
        return read(conn)

    try:
        async with precondition(request, read=read, not_found=not_found):
            return await run_in_transaction(request, edit)
    except UnknownArtifact as error:
        raise not_found from error
