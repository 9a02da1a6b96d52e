"""A page of artifacts as a Select."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    collate,
    column,
    false,
    func,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased, with_expression

from skillmeat.catalogue.pagination import build_page_parameters
from skillmeat.models import ArtifactTag, CollectionArtifact
from skillmeat.orm.page import first, is_among
from skillmeat.orm.summaries import ArtifactSummary, TagSummary


def select_artifacts(  # noqa: PLR0913 - a filter each
    *,
    limit: int = 50,
    after: str | None = None,
    before: str | None = None,
    type: str | None = None,  # noqa: A002
    collection: str | None = None,
    tag: str | None = None,
    search: str | None = None,
) -> Select[ArtifactSummary]:
    """Select the page of `skillmeat.catalogue.list_artifacts`, whose filters these are.

    `after` and `before` take the `cursor` of an artifact that the same filters have found. What is
    added to the select is asked of the page: a condition makes it shorter. Raises `InvalidValue`.
    """
    given = build_page_parameters(
        limit=limit,
        after=after,
        before=before,
        search=search,
        type=type,
        collection=collection,
        tag=tag,
    )
    page = first(_chosen(given), limit=limit).cte("page")
    read = select(ArtifactSummary).where(is_among(ArtifactSummary.id, page.c.id))
    if search is None:
        return read.order_by(ArtifactSummary.id)
    return (
        read.join(page, page.c.id == ArtifactSummary.id)
        .options(with_expression(ArtifactSummary.rank, page.c.rank))
        .order_by(page.c.rank.desc(), ArtifactSummary.id)
    )


def _chosen(given: Mapping[str, Any]) -> Select[*tuple[Any, ...]]:
    """Every id that meets what is given, from indexes alone, nearest to the cursor first."""
    ids: list[ColumnElement[str]] = []
    conditions: list[ColumnElement[bool]] = []
    ranks: list[ColumnElement[int]] = []
    if "search" in given:
        found = func.search_artifacts(given["search"]).table_valued(
            column("artifact_id", Text), column("rank", Integer)
        )
        ids.append(collate(found.c.artifact_id, "C"))
        ranks.append(found.c.rank)
    if "collection" in given:
        ids.append(CollectionArtifact.artifact_id.expression)
        conditions.append(CollectionArtifact.collection_id == given["collection"])
    if "tag" in given:
        ids.append(ArtifactTag.artifact_id.expression)
        tags = select(TagSummary.id).where(TagSummary.slug == given["tag"])
        conditions.append(ArtifactTag.tag_id == tags.scalar_subquery())
    ids = ids or [aliased(ArtifactSummary).id.expression]
    # Highest rank first, then by id; a list of ids has a range of each of its indexes.
    keys: list[ColumnElement[Any]] = [*(-rank for rank in ranks), ids[0]]
    ranges = [tuple_(*keys)] if ranks else ids

    # The first that is given names the ids, and the others have them too.
    conditions += [ids[0] == other for other in ids[1:]]
    if "type" in given:
        conditions += [_is_of_type(each, given["type"]) for each in ids]
    if "after" in given:
        conditions += [each > _place(given, "after") for each in ranges]
    if "before" in given:
        conditions += [each < _place(given, "before") for each in ranges]
        keys = [key.desc() for key in keys]
    rank = [each.label("rank") for each in ranks]
    return select(ids[0].label("id"), *rank).where(*conditions).order_by(*keys)


def _place(given: Mapping[str, Any], cursor: str) -> Any:  # noqa: ANN401
    return tuple_(-given["rank"], given[cursor]) if "rank" in given else given[cursor]


def _is_of_type(id: ColumnElement[str], type: str) -> ColumnElement[bool]:  # noqa: A002
    # Those of a type are a range of the key, up to the character after the colon.
    return false() if ":" in type else and_(id > f"{type}:", id < f"{type};")
