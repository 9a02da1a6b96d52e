"""Artifacts as JSON: one artifact, or a page of the artifacts that match every filter."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from skillmeat.api.queries.projections import (
    ARTIFACT,
    COLLECTION_ARTIFACT,
    COLLECTION_ARTIFACT_WITH_GROUPS,
    JsonItem,
    build_read,
    read_item,
)
from skillmeat.catalogue.artifact_filters import ArtifactFilters
from skillmeat.catalogue.artifact_order import (
    ORDERS,
    ArtifactOrder,
    choose_order,
    split_cursors,
)
from skillmeat.catalogue.artifact_page import (
    count_total,
    select_page,
    select_unknown_collection,
    select_unknown_type,
)
from skillmeat.catalogue.page_statement import Fragment, build_json_statement, read_json_page
from skillmeat.database.query import Conn, drop_none
from skillmeat.errors import UnknownArtifactType, UnknownCollection

READ: Final = build_read("artifact_summaries_json", ARTIFACT)


def get_artifact(conn: Conn, id: str) -> JsonItem | None:  # noqa: A002
    """Read one artifact; return None if it does not exist."""
    return read_item(conn, READ, {"id": id})


def list_artifacts(  # noqa: PLR0913 - a filter each
    conn: Conn,
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    types: Sequence[str] = (),
    collection: str | None = None,
    group: str | None = None,
    tags: Sequence[str] = (),
    tools: Sequence[str] = (),
    search: str | None = None,
    sort: ArtifactOrder | None = None,
) -> bytes:
    """Read a page of the artifacts that match every given filter: by id, or a search by its rank.

    `types`, `tags` and `tools` match an artifact with any of them; tools match in upper or lower
    case. `collection` is an id or else a name; `group` is an id. Raises `UnknownCollection`,
    `UnknownArtifactType`, and `InvalidValue` for a cursor of another order.
    """
    parameters = drop_none(
        after=after,
        before=before,
        types=list(types) or None,
        collection=collection,
        group=group,
        tags=list(tags) or None,
        tools=[tool.lower() for tool in tools] or None,
        search=search,
    )
    order = choose_order(sort, search=search, group=group)
    split_cursors(parameters, order)
    filters = ArtifactFilters.from_parameters(parameters, by_name=True, order=order)
    return _read_page(conn, _page_statement(filters, limit, "artifact"), parameters)


def list_collection_artifacts(  # noqa: PLR0913 - a filter each
    conn: Conn,
    collection: str,
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    types: Sequence[str] = (),
    group: str | None = None,
    with_groups: bool = False,
) -> bytes:
    """Read a page, by id, of the artifacts of a collection, or of one of its groups.

    Raises `UnknownCollection`, `UnknownArtifactType`, and `InvalidValue` for a cursor of another
    order.
    """
    parameters = drop_none(
        after=after,
        before=before,
        types=list(types) or None,
        collection=collection,
        group=group,
    )
    split_cursors(parameters, "id")
    filters = ArtifactFilters.from_parameters(parameters)
    item = "collection artifact with groups" if with_groups else "collection artifact"
    return _read_page(conn, _page_statement(filters, limit, item), parameters)


ITEMS: Final[dict[str, Fragment]] = {
    "artifact": ARTIFACT,
    "collection artifact": COLLECTION_ARTIFACT,
    "collection artifact with groups": COLLECTION_ARTIFACT_WITH_GROUPS,
}


@lru_cache(maxsize=1024)
def _page_statement(filters: ArtifactFilters, limit: int, item: str) -> bytes:
    return build_json_statement(
        page=select_page(filters, limit),
        item=ITEMS[item],
        total=count_total(filters),
        given=filters.given,
        limit=limit,
        order=ORDERS[filters.order].sort("s"),
        with_clause=filters.with_clause,
        unknown_collection=select_unknown_collection(filters),
        unknown_type=select_unknown_type(filters),
    )


def _read_page(conn: Conn, statement: bytes, parameters: dict[str, object]) -> bytes:
    page = read_json_page(conn, statement, parameters)
    if page.is_collection_unknown:
        raise UnknownCollection.from_ids(str(parameters["collection"]))
    if page.unknown_type is not None:
        raise UnknownArtifactType.from_ids(page.unknown_type)
    return page.document
