"""Functions that run one statement and return its rows, its value or its row count."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from enum import Enum
from typing import Any, Final, Literal, LiteralString, TypeVar

from psycopg import Connection
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow, class_row, scalar_row, tuple_row
from psycopg.sql import SQL, Composed, Identifier, Placeholder

from skillmeat.errors import translate_errors

Row = TypeVar("Row")
Statement = LiteralString | bytes | SQL | Composed
Conn = Connection[Any]
Parameters = Mapping[str, object]


def fetch_all(
    conn: Conn, row: type[Row], statement: Statement, parameters: Parameters
) -> tuple[Row, ...]:
    """Return every row, as instances of the dataclass `row`."""
    with translate_errors(), conn.cursor(row_factory=class_row(row)) as cursor:
        return tuple(cursor.execute(statement, parameters))


def fetch_one_or_none(
    conn: Conn, row: type[Row], statement: Statement, parameters: Parameters
) -> Row | None:
    """Return the only row, as an instance of the dataclass `row`, or None."""
    with translate_errors(), conn.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(statement, parameters).fetchone()


def fetch_one(conn: Conn, row: type[Row], statement: Statement, parameters: Parameters) -> Row:
    """Return the only row of a statement that always returns one."""
    found = fetch_one_or_none(conn, row, statement, parameters)
    assert found is not None  # noqa: S101 - the statement always returns a row
    return found


def fetch_tuples(conn: Conn, statement: Statement, parameters: Parameters) -> list[TupleRow]:
    """Return every row as a tuple; the statement is prepared at its first use."""
    with translate_errors(), conn.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(statement, parameters, prepare=True).fetchall()


def fetch_bytes(conn: Conn, statement: Statement, parameters: Parameters) -> bytes | None:
    """Return the only value, a bytea, or None; the statement is prepared at its first use."""
    with translate_errors(), conn.cursor(row_factory=scalar_row) as cursor:
        found = cursor.execute(statement, parameters, prepare=True, binary=True).fetchone()
    return None if found is None else bytes(found)


def fetch_scalar(conn: Conn, statement: Statement, parameters: Parameters) -> Any:  # noqa: ANN401
    """Return the only value, or None."""
    with translate_errors(), conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(statement, parameters).fetchone()


def execute(conn: Conn, statement: Statement, parameters: Parameters) -> int:
    """Return how many rows the statement wrote."""
    with translate_errors():
        return conn.execute(statement, parameters).rowcount


@contextmanager
def atomic(conn: Conn, *, force_rollback: bool = False) -> Iterator[None]:
    """Open a transaction on a connection in autocommit, else a savepoint in the caller's."""
    with translate_errors():
        if not conn.autocommit and conn.info.transaction_status == TransactionStatus.IDLE:
            # The caller's transaction begins here: psycopg would commit one that it began itself.
            conn.execute("select")
        with conn.transaction(force_rollback=force_rollback):
            yield


class Unset(Enum):
    """The type of `UNSET`, the default of arguments for which None is a value."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
NotGiven = Literal[Unset.UNSET]


def drop_unset(**arguments: object) -> dict[str, object]:
    """Return the arguments that are not `UNSET`. Raises `TypeError` if all are."""
    given = {name: value for name, value in arguments.items() if value is not UNSET}
    if not given:
        message = "nothing to change was given"
        raise TypeError(message)
    return given


def drop_none(**arguments: object) -> dict[str, object]:
    """Return the arguments that are not None."""
    return {name: value for name, value in arguments.items() if value is not None}


def build_columns(row: type) -> Composed:
    """Build the select list of the columns that the dataclass `row` has.

    A select of `*` fails in the servers of this version once a later version adds a column.
    """
    return SQL(", ").join(Identifier(each.name) for each in fields(row))


def build_assignments(columns: Mapping[str, object]) -> Composed:
    """Build the SET list of an UPDATE; each column has a placeholder of its name."""
    return SQL(", ").join(
        SQL("{} = {}").format(Identifier(column), Placeholder(column)) for column in columns
    )
