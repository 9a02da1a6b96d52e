"""The format of times in JSON: UTC in ISO 8601, with microseconds unless they are zero."""

from typing import LiteralString

from psycopg.sql import SQL, Composed


def select_time(column: LiteralString) -> Composed:
    """Build the SQL of a column's time as text; `to_char` would cost several times as much.

    PostgreSQL leaves out the zeros at the end. LIMIT ALL makes the planner compute the text once.
    """
    return SQL(
        """
        (
            select case
                when length(t.iso) = 26 or strpos(t.iso, '.') = 0 then t.iso
                else rpad(t.iso, strpos(t.iso, '.') + 6, '0')
            end
            from (
                select btrim(to_json({} at time zone 'UTC')::text, '"') as iso
                limit all
            ) as t
        )
        """
    ).format(SQL(column))
