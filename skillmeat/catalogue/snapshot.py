"""Pages of the snapshot alone: cheaper than exact ones, and said to be how old."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from psycopg.sql import SQL, Identifier

from skillmeat.catalogue._artifact_filters import ORDERS, RANGES
from skillmeat.catalogue.pagination import Page, build_page, build_page_parameters, get_fetch_limit
from skillmeat.errors import SkillMeatError
from skillmeat.query import Conn, Values, all_values


class TooStale(SkillMeatError):
    """The snapshot is older than was asked for; `age` says how old it may be."""

    def __init__(self, age: timedelta, *, max_age: timedelta) -> None:
        super().__init__(
            f"the snapshot is up to {age} old, which is more than {max_age}: "
            "refresh it, ask for less, or read the exact page"
        )
        self.age = age


@dataclass(frozen=True, slots=True)
class SnapshotArtifact:
    """A row of `artifact_summaries_snapshot`: an artifact as of some moment in the past.

    It has the ids of its collections, in code point order; their names and counts are not in it.
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
    """A page of the snapshot, which lacks nothing that was committed longer than `age` ago."""

    age: timedelta


_NAMES: Final = tuple(field.name for field in fields(SnapshotArtifact))
_TAGS: Final = _NAMES.index("tags")
_COLLECTION_IDS: Final = _NAMES.index("collection_ids")

# Joined, and not selected beside the page, so that the age is known where the page is empty.
LIST: Final = SQL(
    """
    select t.age, {columns}
    from snapshot_age as t
    left join lateral (
        select *
        from artifact_summaries_snapshot as s
        where {conditions}
        order by {order}
        limit {rows}
    ) as s on true
    order by s.id
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

    Collections and tags are no filters here: their artifacts are of this moment, and a page that is
    chosen by them would be of no moment at all. Raises `TooStale` where the snapshot may be older
    than `max_age`, and `InvalidValue`.
    """
    values = build_page_parameters(limit=limit, after=after, before=before, search=None, type=type)
    rows = all_values(conn, _statement(frozenset(values), limit), values)
    age, first_id, *_ = rows[0]
    if max_age is not None and age > max_age:
        raise TooStale(age, max_age=max_age)
    page = build_page(
        rows if first_id is not None else [],
        limit=limit,
        after=after,
        before=before,
        get_cursor=lambda row: str(row[1]),
        build_items=_artifacts_of,
    )
    return StalePage(page.items, page.next, page.previous, age=age)


@lru_cache(maxsize=512)
def _statement(given: frozenset[str], limit: int) -> bytes:
    id_column = Identifier("s", "id")
    ranges = [RANGES[name].format(id=id_column) for name in RANGES if name in given]
    return LIST.format(
        columns=SQL(", ").join(Identifier("s", name) for name in _NAMES),
        conditions=SQL(" and ").join([SQL("true"), *ranges]),
        order=ORDERS["before" in given].format(id=id_column),
        rows=get_fetch_limit(limit),
    ).as_bytes()


def _artifacts_of(rows: Sequence[Values]) -> tuple[SnapshotArtifact, ...]:
    found = [list(row[1:]) for row in rows]
    for row in found:
        row[_TAGS], row[_COLLECTION_IDS] = tuple(row[_TAGS]), tuple(row[_COLLECTION_IDS])
    return tuple([SnapshotArtifact(*row) for row in found])
