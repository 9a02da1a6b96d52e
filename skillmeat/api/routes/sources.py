"""`/user-collections/refresh-cache`: import the folders that fill the collections again."""

import asyncio
import time
from functools import partial

from fastapi import APIRouter, HTTPException, Request, status
from pydantic import BaseModel, Field

from skillmeat.api.openapi import CONFLICT_RESPONSE, ERROR_RESPONSES
from skillmeat.api.params import CollectionId
from skillmeat.api.routes.responses import PREFIX, WRITE, run
from skillmeat.api.schemas.common import Count
from skillmeat.api.served_catalogue import ServedCatalogue, get_catalogue
from skillmeat.catalogue.collections import get_collection
from skillmeat.database.connection import connect
from skillmeat.database.time_limits import lift_time_limits
from skillmeat.errors import UnknownCollection
from skillmeat.importer import Reimport, import_again

router = APIRouter(
    prefix=PREFIX + "/user-collections",
    tags=["collections"],
    responses=ERROR_RESPONSES | CONFLICT_RESPONSE,
    dependencies=WRITE,
)


class Refreshed(BaseModel):
    """What an import of the folders of a collection changed."""

    collection_id: str = Field(examples=["default"])
    updated_count: Count = Field(description="Artifacts that were added or updated.")
    skipped_count: Count = Field(description="Artifacts that are as they were.")
    errors: list[str] = Field(description="Why a folder, or none at all, was imported.")


class AllRefreshed(BaseModel):
    """What an import of all recorded folders changed."""

    success: bool = Field(description="False if a folder could not be imported.")
    collections_refreshed: Count = Field(description="Collections of the imported folders.")
    total_updated: Count
    total_skipped: Count
    errors: list[str]
    duration_seconds: float


@router.post("/refresh-cache")
async def refresh_all_collections(request: Request) -> AllRefreshed:
    """Import every recorded folder again."""
    started = time.monotonic()
    imports = await _import(request)
    return AllRefreshed(
        success=all(each.report for each in imports),
        collections_refreshed=sum(each.report.collections.found for each in imports if each.report),
        total_updated=_count_updated(imports),
        total_skipped=_count_unchanged(imports),
        errors=_list_errors(imports),
        duration_seconds=round(time.monotonic() - started, 2),
    )


@router.post("/{collection_id:segment}/refresh-cache")
async def refresh_collection(request: Request, collection_id: CollectionId) -> Refreshed:
    """Import the recorded folders again that have an artifact in the collection."""
    if await run(request, partial(get_collection, id=collection_id)) is None:
        raise UnknownCollection.from_ids(collection_id)
    imports = await _import(request, collection_id)
    return Refreshed(
        collection_id=collection_id,
        updated_count=_count_updated(imports),
        skipped_count=_count_unchanged(imports),
        errors=_list_errors(imports),
    )


async def _import(request: Request, collection_id: str | None = None) -> tuple[Reimport, ...]:
    catalogue = get_catalogue(request)
    if not request.app.state.may_import:
        detail = (
            "this server imports nothing: start it with --import-sources, or run `skillmeat import`"
        )
        raise HTTPException(status.HTTP_403_FORBIDDEN, detail)
    if catalogue.importing.locked():
        detail = "the server is importing: try again when it has finished"
        raise HTTPException(status.HTTP_409_CONFLICT, detail)
    async with catalogue.importing:
        imports = await asyncio.to_thread(_import_again, catalogue, collection_id)
        # The position of the primary now is also that of the import.
        await run(request, lambda _: None)
        return imports


def _import_again(catalogue: ServedCatalogue, collection_id: str | None) -> tuple[Reimport, ...]:
    # An import outlasts the time limits of the pool.
    with connect(catalogue.url, schema=catalogue.schema, autocommit=True) as conn:
        lift_time_limits(conn)
        return import_again(conn, collection=collection_id)


def _count_updated(imports: tuple[Reimport, ...]) -> int:
    counts = [each.report.artifacts for each in imports if each.report]
    return sum(each.added + each.updated for each in counts)


def _count_unchanged(imports: tuple[Reimport, ...]) -> int:
    return sum(each.report.artifacts.unchanged for each in imports if each.report)


def _list_errors(imports: tuple[Reimport, ...]) -> list[str]:
    if not imports:
        return ["no imported folder is known here: run `skillmeat import` with one"]
    return [f"{each.source}: {each.error}" for each in imports if each.error]
