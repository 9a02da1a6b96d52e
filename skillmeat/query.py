"""How the functions of the thin layer run their one statement."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, LiteralString, TypeVar

from psycopg import Connection
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row, scalar_row
from psycopg.sql import SQL, Composed

from skillmeat.errors import InvalidValue, translated

Row = TypeVar("Row")
Statement = LiteralString | SQL | Composed
Conn = Connection[Any]


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in the order of their ids; `next` is the cursor of the next page, None on the last."""

    items: tuple[Row, ...]
    next: str | None


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


def page(rows: tuple[Row, ...], *, limit: int, key: str = "id") -> Page[Row]:
    """Make a page of `limit` rows from a statement that asked for `one_more`."""
    items = rows[:limit]
    return Page(items, str(getattr(items[-1], key)) if len(rows) > limit else None)
