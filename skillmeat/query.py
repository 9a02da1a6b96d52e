"""How the functions of the thin layer run their one statement."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString, TypeVar

from psycopg import Connection
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row, scalar_row, tuple_row
from psycopg.sql import SQL, Composed

from skillmeat.errors import translate_errors

Row = TypeVar("Row")
Statement = LiteralString | bytes | SQL | Composed
Conn = Connection[Any]
Values = tuple[Any, ...]


def all_rows(
    conn: Conn, row: type[Row], statement: Statement, values: Mapping[str, object]
) -> tuple[Row, ...]:
    """Every row of one statement, as instances of the dataclass `row`."""
    with translate_errors(), conn.cursor(row_factory=class_row(row)) as cursor:
        return tuple(cursor.execute(statement, values))


def one_row(
    conn: Conn, row: type[Row], statement: Statement, values: Mapping[str, object]
) -> Row | None:
    """The only row of one statement, or None."""
    with translate_errors(), conn.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(statement, values).fetchone()


def all_values(conn: Conn, statement: Statement, values: Mapping[str, object]) -> list[Values]:
    """Every row of one statement that is prepared at its first use, as the tuple of its values."""
    with translate_errors(), conn.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(statement, values, prepare=True).fetchall()


def document(conn: Conn, statement: Statement, values: Mapping[str, object]) -> bytes | None:
    """The only value of one such statement, which is a bytea, or None."""
    with translate_errors(), conn.cursor(row_factory=scalar_row) as cursor:
        found = cursor.execute(statement, values, prepare=True, binary=True).fetchone()
    return None if found is None else bytes(found)


def scalar(conn: Conn, statement: Statement, values: Mapping[str, object]) -> Any:  # noqa: ANN401
    """The only value of one statement, or None."""
    with translate_errors(), conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(statement, values).fetchone()


def affected(conn: Conn, statement: Statement, values: Mapping[str, object]) -> int:
    """How many rows one statement wrote."""
    with translate_errors():
        return conn.execute(statement, values).rowcount


@contextmanager
def all_or_nothing(conn: Conn, *, force_rollback: bool = False) -> Iterator[None]:
    """A transaction where the connection is in autocommit, else a savepoint in the caller's."""
    with translate_errors():
        if not conn.autocommit and conn.info.transaction_status == TransactionStatus.IDLE:
            # The caller's transaction begins here: psycopg would commit one that it began itself.
            conn.execute("select")
        with conn.transaction(force_rollback=force_rollback):
            yield
