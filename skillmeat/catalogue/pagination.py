"""Keyset pagination: a page starts after a cursor or ends before one, never at an offset.

The cursor of a row is its place in the order of the list, such as its id. A cursor whose row has
been deleted still works. Each page's statement fetches one row more than the page shows,
which says whether another page follows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from psycopg.rows import TupleRow

from skillmeat.database.query import drop_none
from skillmeat.errors import InvalidValue

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in the order of their list.

    `next` is the cursor to pass as `after` for the next page; None on the last page. `previous` is
    the cursor to pass as `before` for the previous page; None on the first page and in lists that
    are read forwards only. `total` is the number of rows on all pages; None if no counter has it.
    """

    items: tuple[Row, ...]
    next: str | None
    previous: str | None = None
    total: int | None = None


_LARGEST_LIMIT: Final = 2**31 - 1


def get_fetch_limit(limit: int) -> int:
    """Return how many rows a page of `limit` rows fetches: one more. Raises `InvalidValue`."""
    if not 1 <= limit <= _LARGEST_LIMIT:
        message = f"a page of {limit} rows cannot be read: ask for 1 to {_LARGEST_LIMIT}"
        raise InvalidValue(message, sqlstate="2201W")
    return limit + 1


def build_page_parameters(
    *,
    limit: int,
    after: str | None,
    before: str | None,
    search: str | None,
    **filters: object,
) -> dict[str, object]:
    """Return the arguments that are not None, as the parameters of the page's statement.

    Raises `InvalidValue` for a limit that is out of range, two cursors, and an empty search.
    """
    get_fetch_limit(limit)
    if after is not None and before is not None:
        message = "a page begins after a cursor or ends before one: give after or before, not both"
        raise InvalidValue(message, sqlstate="22023")
    parameters = drop_none(after=after, before=before, search=search, **filters)
    if search is not None and not search.strip():
        message = "a search needs a word or part of a name"
        raise InvalidValue(message, sqlstate="22023")
    return parameters


def build_page(  # noqa: PLR0913 - a page has these ends
    rows: Sequence[TupleRow],
    *,
    limit: int,
    after: str | None,
    before: str | None,
    get_cursor: Callable[[TupleRow], str],
    build_items: Callable[[Sequence[TupleRow]], tuple[Row, ...]],
    total: int | None = None,
) -> Page[Row]:
    """Make a page from the rows that a statement has fetched, in the order of the list.

    Read forwards, the surplus row is the last; read backwards from `before`, it is the first.
    """
    shown = rows[:limit] if before is None else rows[-limit:]
    has_surplus = len(rows) > limit
    if before is None:
        has_next, has_previous = has_surplus, after is not None
    else:
        has_next, has_previous = True, has_surplus
    return Page(
        build_items(shown),
        get_cursor(shown[-1]) if shown and has_next else None,
        get_cursor(shown[0]) if shown and has_previous else None,
        total,
    )


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


IdentifiedRow = TypeVar("IdentifiedRow", bound=_Identified)


def build_forward_page(rows: tuple[IdentifiedRow, ...], *, limit: int) -> Page[IdentifiedRow]:
    """Make a page of a list by id that is read forwards only, from the rows fetched for it."""
    items = rows[:limit]
    return Page(items, items[-1].id if len(rows) > limit else None)
