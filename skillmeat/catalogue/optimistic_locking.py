"""Optimistic locking: write a row only if it was not edited after the caller read it."""

from datetime import datetime
from typing import Final, Literal

from psycopg.sql import SQL, Identifier

from skillmeat.database.query import Conn, execute, fetch_scalar
from skillmeat.errors import RowChanged

Noun = Literal["artifact", "collection", "group", "tag"]
# The condition of a WHERE clause, in which only one table has the column updated_at.
IS_UNCHANGED: Final = SQL(
    "(%(if_updated_at)s::timestamptz[] is null or updated_at = any (%(if_updated_at)s))"
)
DELETE: Final = SQL("delete from {table} where id = %(id)s and {is_unchanged}")
EXISTS: Final = SQL("select true from {table} where id = %(id)s")


def delete_row(
    conn: Conn,
    id: str,  # noqa: A002
    *,
    noun: Noun,
    if_updated_at: list[datetime] | None,
) -> bool:
    """Delete the row of a table with this id; return whether it existed.

    With `if_updated_at`, delete it only if its `updated_at` is one of these. Raises `RowChanged`.
    """
    statement = DELETE.format(table=Identifier(f"{noun}s"), is_unchanged=IS_UNCHANGED)
    if execute(conn, statement, {"id": id, "if_updated_at": if_updated_at}):
        return True
    check_unchanged(conn, id, noun=noun, if_updated_at=if_updated_at)
    return False


def check_unchanged(
    conn: Conn,
    id: str,  # noqa: A002
    *,
    noun: Noun,
    if_updated_at: list[datetime] | None,
) -> None:
    """Raise `RowChanged` if a write with `if_updated_at` found no row, although the id exists."""
    statement = EXISTS.format(table=Identifier(f"{noun}s"))
    if if_updated_at is not None and fetch_scalar(conn, statement, {"id": id}):
        raise RowChanged.from_id(id, noun=noun)
