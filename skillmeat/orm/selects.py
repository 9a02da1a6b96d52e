"""Pages of artifacts and collections, each as a Select.

The select chooses the ids first and then reads their rows: the server reads no more than the page.
"""

from collections.abc import Mapping
from typing import Any, TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    collate,
    column,
    false,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, aliased, with_expression

from skillmeat.catalogue.artifact_order import split_cursors
from skillmeat.catalogue.pagination import build_page_parameters, get_fetch_limit
from skillmeat.models import ArtifactTag, CollectionArtifact
from skillmeat.orm.summaries import ArtifactSummary, CollectionSummary, TagSummary

Columns = TypeVarTuple("Columns")


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
    """Select a page of artifacts, with the filters of `skillmeat.catalogue.list_artifacts`.

    `after` and `before` take the `cursor` of an artifact that the same filters have found. Clauses
    that are added to the select apply to the page: a condition makes it shorter. Raises
    `InvalidValue`.
    """
    parameters = build_page_parameters(
        limit=limit,
        after=after,
        before=before,
        search=search,
        type=type,
        collection=collection,
        tag=tag,
    )
    split_cursors(parameters, "id" if search is None else "rank")
    is_filtered = not {"collection", "tag", "search"}.isdisjoint(parameters)
    ids = _select_ids(parameters) if is_filtered else _select_range(parameters, limit=limit)
    page = _limit(ids, limit=limit).cte("page")
    read = select(ArtifactSummary).where(_is_among(ArtifactSummary.id, page.c.id))
    if search is None:
        # The page has no more rows. The limit makes the planner look each id up in order: to sort
        # them, it would scan a log of changes that has fewer blocks than ten lookups.
        return read.order_by(ArtifactSummary.id).limit(limit)
    return (
        read.join(page, page.c.id == ArtifactSummary.id)
        .options(with_expression(ArtifactSummary.rank, page.c.rank))
        .order_by(page.c.rank.desc(), ArtifactSummary.id)
    )


def select_collections(
    *, limit: int = 50, after: str | None = None, search: str | None = None
) -> Select[CollectionSummary]:
    """Select a page of collections, with the filters of `list_collections`.

    `after` is the id of the previous page's last collection. Clauses that are added to the select
    apply to the page: a condition makes it shorter. Raises `InvalidValue`.
    """
    get_fetch_limit(limit)
    listed = aliased(CollectionSummary)
    ids = select(listed.id).order_by(listed.id)
    if after is not None:
        ids = ids.where(listed.id > after)
    if search is not None:
        name = func.lower(collate(listed.name, "default"))
        ids = ids.where(func.strpos(name, func.lower(search)) > 0)
    page = _limit(ids, limit=limit).cte("page")
    return (
        select(CollectionSummary)
        .where(_is_among(CollectionSummary.id, page.c.id))
        .order_by(CollectionSummary.id)
    )


def _select_range(parameters: Mapping[str, Any], *, limit: int) -> Select[*tuple[Any, ...]]:
    """Select the ids of a page of all artifacts, or of those of a type.

    The far end of the range is compared after the limit: a generic plan expects few ids between two
    ends, and would read and sort all of them.
    """
    starts = [parameters["after"]] if "after" in parameters else []
    ends = [parameters["before"]] if "before" in parameters else []
    if "type" in parameters:
        starts.append(f"{parameters['type']}:")
        ends.append(f"{parameters['type']};")
    listed = aliased(ArtifactSummary).id.expression
    if "before" in parameters:
        nearest = select(listed).where(*(listed < end for end in ends)).order_by(listed.desc())
    else:
        nearest = select(listed).where(*(listed > start for start in starts)).order_by(listed)
    chosen = _limit(nearest, limit=limit).subquery().c.id
    far = [chosen > start for start in starts] + [chosen < end for end in ends]
    if ":" in parameters.get("type", ""):
        far.append(false())
    return select(chosen).where(*far)


def _select_ids(parameters: Mapping[str, Any]) -> Select[*tuple[Any, ...]]:
    """Select every id that the filters match, from indexes alone, nearest to the cursor first."""
    ids: list[ColumnElement[str]] = []
    conditions: list[ColumnElement[bool]] = []
    ranks: list[ColumnElement[int]] = []
    if "search" in parameters:
        found = func.search_artifacts(parameters["search"]).table_valued(
            column("artifact_id", Text), column("rank", Integer)
        )
        ids.append(collate(found.c.artifact_id, "C"))
        ranks.append(found.c.rank)
    if "collection" in parameters:
        ids.append(CollectionArtifact.artifact_id.expression)
        conditions.append(CollectionArtifact.collection_id == parameters["collection"])
    if "tag" in parameters:
        ids.append(ArtifactTag.artifact_id.expression)
        tags = select(TagSummary.id).where(TagSummary.slug == parameters["tag"])
        conditions.append(ArtifactTag.tag_id == tags.scalar_subquery())
    # Highest rank first, then by id. Without a search, each index is read in a range of its own.
    keys: list[ColumnElement[Any]] = [*(-rank for rank in ranks), ids[0]]
    ranges = [tuple_(*keys)] if ranks else ids

    # The ids come from the first filter; the other filters must contain them too.
    conditions += [ids[0] == other for other in ids[1:]]
    if "type" in parameters:
        conditions += [_is_of_type(each, parameters["type"]) for each in ids]
    if "after" in parameters:
        conditions += [each > _get_position(parameters, "after") for each in ranges]
    if "before" in parameters:
        conditions += [each < _get_position(parameters, "before") for each in ranges]
        keys = [key.desc() for key in keys]
    rank = [each.label("rank") for each in ranks]
    return select(ids[0].label("id"), *rank).where(*conditions).order_by(*keys)


def _get_position(parameters: Mapping[str, Any], cursor: str) -> Any:  # noqa: ANN401
    rank = parameters.get(f"{cursor}_position")
    return parameters[cursor] if rank is None else tuple_(-int(rank), parameters[cursor])


def _is_of_type(id: ColumnElement[str], type: str) -> ColumnElement[bool]:  # noqa: A002
    # The ids of a type are a range of the key, up to the character after the colon.
    return false() if ":" in type else and_(id > f"{type}:", id < f"{type};")


def _limit(chosen: Select[*Columns], *, limit: int) -> Select[*Columns]:
    """Limit a select to the first rows.

    The limit is part of the statement's text: a generic plan must know how few rows a page reads.
    """
    return chosen.limit(bindparam("rows", limit, Integer, literal_execute=True, unique=True))


def _is_among(id: InstrumentedAttribute[str], chosen: ColumnElement[str]) -> ColumnElement[bool]:  # noqa: A002
    """Compare an id with the chosen ones.

    The chosen ids are an array: the planner could merge a join with the whole view.
    """
    return id == any_(func.array(select(chosen).scalar_subquery(), type_=ARRAY(Text)))
