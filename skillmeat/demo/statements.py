"""Records what a connection asks of its server."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Cursor

from skillmeat.query import Conn


@contextmanager
def recorded(conn: Conn) -> Iterator[list[Any]]:
    """The statements that `conn` sends meanwhile, in their order, as they were given to psycopg.

    COPY and the BEGIN of a transaction are not among them; in autocommit mode there is none.
    """
    statements: list[Any] = []

    class Recorder(Cursor[Any]):
        def execute(self, query: Any, *args: Any, **options: Any) -> "Recorder":  # noqa: ANN401
            statements.append(query)
            return super().execute(query, *args, **options)

        def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:  # noqa: ANN401
            params_seq = list(params_seq)
            statements.extend([query] * len(params_seq))
            super().executemany(query, params_seq, **options)

    usual = conn.cursor_factory
    conn.cursor_factory = Recorder
    try:
        yield statements
    finally:
        conn.cursor_factory = usual
