"""A page of collections as a Select."""

from sqlalchemy import Select, collate, func, select
from sqlalchemy.orm import aliased

from skillmeat.catalogue.pagination import get_fetch_limit
from skillmeat.orm.page import first, is_among
from skillmeat.orm.summaries import CollectionSummary


def select_collections(
    *, limit: int = 50, after: str | None = None, search: str | None = None
) -> Select[CollectionSummary]:
    """Select the page of `list_collections`, whose filters these are.

    `after` is the id of the last collection before. What is added to the select is asked of the
    page: a condition makes it shorter. Raises `InvalidValue`.
    """
    get_fetch_limit(limit)
    listed = aliased(CollectionSummary)
    ids = select(listed.id).order_by(listed.id)
    if after is not None:
        ids = ids.where(listed.id > after)
    if search is not None:
        name = func.lower(collate(listed.name, "default"))
        ids = ids.where(func.strpos(name, func.lower(search)) > 0)
    page = first(ids, limit=limit).cte("page")
    return (
        select(CollectionSummary)
        .where(is_among(CollectionSummary.id, page.c.id))
        .order_by(CollectionSummary.id)
    )
