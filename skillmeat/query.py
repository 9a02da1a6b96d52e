"""How the functions of the thin layer run their one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, LiteralString, TypeVar

from psycopg import Connection
from psycopg.rows import class_row, scalar_row
from psycopg.sql import SQL, Composed

from skillmeat.errors import translated

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


def page(rows: tuple[Row, ...], *, limit: int, key: str = "id") -> Page[Row]:
    """Make a page of `limit` rows from a statement that asked for one more."""
    items = rows[:limit]
    return Page(items, str(getattr(items[-1], key)) if len(rows) > limit else None)
