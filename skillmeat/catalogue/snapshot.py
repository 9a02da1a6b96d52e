"""Bounded staleness: pages of the snapshot alone, cheaper than exact ones, with their age."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from skillmeat.catalogue.artifact_filters import IS_OF_TYPE
from skillmeat.catalogue.page_statement import (
    build_key_order,
    build_key_range,
    build_rows_statement,
)
from skillmeat.catalogue.pagination import Page, build_page, build_page_parameters, get_fetch_limit
from skillmeat.database.query import Conn, fetch_tuples
from skillmeat.errors import TooStale


@dataclass(frozen=True, slots=True)
class SnapshotArtifact:
    """A row of `artifact_summaries_snapshot`: an artifact as of the last refresh.

    It has the ids of its collections, `default` first, then by name, without names and counts.
    """

    id: str
    type: str
    name: str
    title: str | None
    description: str | None
    author: str | None
    license: str | None
    source: str | None
    origin: str | None
    metadata: dict[str, Any]
    tags: tuple[str, ...]
    version: str | None
    collection_ids: tuple[str, ...]
    added_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StalePage(Page[SnapshotArtifact]):
    """A page of the snapshot: it has everything that was committed more than `age` ago."""

    age: timedelta


_NAMES: Final = tuple(field.name for field in fields(SnapshotArtifact))
_TAGS: Final = _NAMES.index("tags")
_COLLECTION_IDS: Final = _NAMES.index("collection_ids")

PAGE: Final = SQL(
    """
    select *
    from artifact_summaries_snapshot as s
    where {conditions}
    order by {order}
    limit {limit}
    """
)


def list_artifacts_stale(  # noqa: PLR0913 - a filter each
    conn: Conn,
    *,
    limit: int = 50,
    after: str | None = None,
    before: str | None = None,
    type: str | None = None,  # noqa: A002
    max_age: timedelta | None = None,
) -> StalePage:
    """Read a page of artifacts as of the last refresh, by id, after a cursor or before one.

    It has no filter by collection or tag: memberships are current, and the page is not.
    Raises `TooStale` if the snapshot may be older than `max_age`, and `InvalidValue`.
    """
    types = None if type is None else [type]
    parameters = build_page_parameters(
        limit=limit, after=after, before=before, search=None, types=types
    )
    rows = fetch_tuples(conn, _list_statement(frozenset(parameters), limit), parameters)
    age, first_id, *_ = rows[0]
    if max_age is not None and age > max_age:
        raise TooStale(age, max_age=max_age)
    page = build_page(
        rows if first_id is not None else [],
        limit=limit,
        after=after,
        before=before,
        get_cursor=lambda row: str(row[1]),
        build_items=_build_artifacts,
    )
    return StalePage(page.items, page.next, page.previous, age=age)


@lru_cache(maxsize=512)
def _list_statement(given: frozenset[str], limit: int) -> bytes:
    key = SQL("s.id")
    conditions = [build_key_range(given, key)]
    if "types" in given:
        conditions.append(IS_OF_TYPE.format(id=key, at=1))
    return build_rows_statement(
        columns=SQL("t.age, {}").format(SQL(", ").join(Identifier("s", name) for name in _NAMES)),
        source=SQL("snapshot_age"),
        page=PAGE.format(
            conditions=SQL(" and ").join(conditions),
            order=build_key_order(given, key),
            limit=get_fetch_limit(limit),
        ),
        order=key,
    )


def _build_artifacts(rows: Sequence[TupleRow]) -> tuple[SnapshotArtifact, ...]:
    values = [list(row[1:]) for row in rows]
    for row in values:
        row[_TAGS], row[_COLLECTION_IDS] = tuple(row[_TAGS]), tuple(row[_COLLECTION_IDS])
    return tuple([SnapshotArtifact(*row) for row in values])
