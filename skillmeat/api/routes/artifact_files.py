"""`/artifacts/{id}/files`: the text of an artifact, which SkillMeat's client shows as a file."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response, status

from skillmeat.api import queries, schemas
from skillmeat.api.openapi import ERROR_RESPONSES
from skillmeat.api.params import NOT_NUL, Filter, TypeAndName
from skillmeat.api.routes.responses import PREFIX, READ, artifact_not_found, json_response, run_read

router = APIRouter(
    prefix=PREFIX + "/artifacts/{artifact_id:segment}/files",
    tags=["artifacts"],
    responses=ERROR_RESPONSES,
    dependencies=READ,
)
CollectionName = Annotated[Filter, Query(description="Repeated as `collection_name`.")]


@router.get("", response_model=schemas.FileList)
async def list_artifact_files(
    request: Request, artifact_id: TypeAndName, *, collection: CollectionName = None
) -> Response:
    """List the files of an artifact: one, or none if no text is kept."""
    read = partial(queries.list_artifact_files, id=artifact_id, collection=collection)
    return _respond(await run_read(request, read), artifact_id)


@router.get("/{file_path:rest}", response_model=schemas.FileContent)
async def get_artifact_file(
    request: Request,
    artifact_id: TypeAndName,
    file_path: Annotated[str, Path(pattern=NOT_NUL, examples=["SKILL.md"])],
    *,
    collection: CollectionName = None,
) -> Response:
    """Read a file of an artifact."""
    read = partial(queries.get_artifact_file, id=artifact_id, path=file_path, collection=collection)
    return _respond(await run_read(request, read), artifact_id, path=file_path)


def _respond(found: queries.FileDocument | None, artifact_id: str, *, path: str = "") -> Response:
    if found is None:
        raise artifact_not_found(artifact_id)
    if found.document is None:
        detail = f"Artifact '{artifact_id}' has no file '{path}'"
        raise HTTPException(status.HTTP_404_NOT_FOUND, detail)
    return json_response(found.document)
