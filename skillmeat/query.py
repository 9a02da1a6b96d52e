"""How the functions of the thin layer run their one statement."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, LiteralString, TypeVar

from psycopg import Connection
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row, scalar_row, tuple_row
from psycopg.sql import SQL, Composed

from skillmeat.errors import InvalidValue, translated

Row = TypeVar("Row")
Statement = LiteralString | bytes | SQL | Composed
Conn = Connection[Any]
Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in the order of their list.

    `next` is the cursor to go on after, None on the last page; `previous` the one to go back
    before, None on the first page and in lists that are read forwards only. `total` is how many
    rows all pages have, None where no counter knows it.
    """

    items: tuple[Row, ...]
    next: str | None
    previous: str | None = None
    total: int | None = None


def all_rows(
    conn: Conn, row: type[Row], statement: Statement, values: Mapping[str, object]
) -> tuple[Row, ...]:
    """Every row of one statement, as instances of the dataclass `row`."""
    with translated(), conn.cursor(row_factory=class_row(row)) as cursor:
        return tuple(cursor.execute(statement, values))


def one_row(
    conn: Conn, row: type[Row], statement: Statement, values: Mapping[str, object]
) -> Row | None:
    """The only row of one statement, or None."""
    with translated(), conn.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(statement, values).fetchone()


def all_values(conn: Conn, statement: Statement, values: Mapping[str, object]) -> list[Values]:
    """Every row of one statement that is prepared at its first use, as the tuple of its values."""
    with translated(), conn.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(statement, values, prepare=True).fetchall()


def document(conn: Conn, statement: Statement, values: Mapping[str, object]) -> bytes | None:
    """The only value of one such statement, which is a bytea, or None."""
    with translated(), conn.cursor(row_factory=scalar_row) as cursor:
        found = cursor.execute(statement, values, prepare=True, binary=True).fetchone()
    return None if found is None else bytes(found)


def scalar(conn: Conn, statement: Statement, values: Mapping[str, object]) -> Any:  # noqa: ANN401
    """The only value of one statement, or None."""
    with translated(), conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(statement, values).fetchone()


def affected(conn: Conn, statement: Statement, values: Mapping[str, object]) -> int:
    """How many rows one statement wrote."""
    with translated():
        return conn.execute(statement, values).rowcount


@contextmanager
def all_or_nothing(conn: Conn, *, force_rollback: bool = False) -> Iterator[None]:
    """A transaction where the connection is in autocommit, else a savepoint in the caller's."""
    with translated():
        if not conn.autocommit and conn.info.transaction_status == TransactionStatus.IDLE:
            # The caller's transaction begins here: psycopg would commit one that it began itself.
            conn.execute("select")
        with conn.transaction(force_rollback=force_rollback):
            yield


_LARGEST_PAGE = 2**31 - 1


def one_more(limit: int) -> int:
    """How many rows to ask for, so as to know whether a page is the last. Raises `InvalidValue`."""
    if not 1 <= limit <= _LARGEST_PAGE:
        message = f"a page of {limit} rows cannot be read: ask for 1 to {_LARGEST_PAGE}"
        raise InvalidValue(message, sqlstate="2201W")
    return limit + 1


def one_way(after: str | None, before: str | None) -> None:
    """Refuse two cursors. Raises `InvalidValue`."""
    if after is not None and before is not None:
        message = "a page begins after a cursor or ends before one: give after or before, not both"
        raise InvalidValue(message, sqlstate="22023")


def page(rows: tuple[Row, ...], *, limit: int, key: str = "id") -> Page[Row]:
    """Make a page of `limit` rows from a statement that asked for `one_more`."""
    items = rows[:limit]
    return Page(items, str(getattr(items[-1], key)) if len(rows) > limit else None)


def page_between(  # noqa: PLR0913 - a page has these ends
    rows: Sequence[Values],
    *,
    limit: int,
    after: str | None,
    before: str | None,
    cursor: Callable[[Values], str],
    items: Callable[[Sequence[Values]], tuple[Row, ...]],
    total: int | None = None,
) -> Page[Row]:
    """Make a page from the rows of a statement that asked for `one_more`, in the list's order.

    Read forwards, the row too many is the last; read backwards from `before`, it is the first.
    """
    kept = rows[:limit] if before is None else rows[-limit:]
    is_cut = len(rows) > limit
    has_next, has_previous = (is_cut, after is not None) if before is None else (True, is_cut)
    return Page(
        items(kept),
        cursor(kept[-1]) if kept and has_next else None,
        cursor(kept[0]) if kept and has_previous else None,
        total,
    )
