"""What a function of the layer sends to the server: counted, and kept word for word."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg import ClientCursor, Cursor
from psycopg.sql import Composable

from skillmeat.query import Conn

_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement with its placeholders, `%(name)s`, and the values that went with it."""

    statement: bytes
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The statement, indented by its brackets."""
        lines: list[str] = []
        depth = 0
        for line in filter(None, map(str.strip, self.statement.decode().splitlines())):
            closing = len(line) - len(line.lstrip(")"))
            lines.append(_INDENT * (depth - closing) + line)
            depth += line.count("(") - line.count(")")
        return "\n".join(lines)

    def in_full(self, conn: Conn) -> str:
        """The statement with its values written in, as psql takes it."""
        return ClientCursor(conn).mogrify(self.text.encode(), self.values)


@contextmanager
def recorded(conn: Conn, before: Callable[[Sent], None]) -> Iterator[None]:
    """Hands each statement that the block sends through a cursor to `before`, then sends it."""

    class Recording(Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> "Recording":  # noqa: ANN401 - as psycopg has it
            before(Sent(_bytes_of(query, conn), params or {}))
            return super().execute(query, params, **options)

    usual = conn.cursor_factory
    conn.cursor_factory = Recording
    try:
        yield
    finally:
        conn.cursor_factory = usual


def _bytes_of(query: str | bytes | Composable, conn: Conn) -> bytes:
    match query:
        case Composable():
            return query.as_bytes(conn)
        case str():
            return query.encode()
        case _:
            return query
