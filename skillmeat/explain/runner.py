"""Run a read of the catalogue, and have the server explain each statement that it sends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from psycopg import ClientCursor, Cursor
from psycopg.rows import scalar_row, tuple_row
from psycopg.sql import Composable

from skillmeat.catalogue import Page
from skillmeat.database.query import Conn
from skillmeat.database.recording import QueryStats, record
from skillmeat.errors import translate_errors
from skillmeat.explain.plan import Blocks, Node, parse_blocks, parse_node

# `timing off`, because reading the clock at every node takes most of a short statement's time.
_EXPLAIN_JSON: Final = b"explain (analyze, buffers, timing off, format json) "
_EXPLAIN_TEXT: Final = b"explain (analyze, buffers, timing off) "
_INDENT: Final = "    "


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its placeholders, `%(name)s`, and the parameters that went with it."""

    query: bytes
    parameters: Mapping[str, object] = field(default_factory=dict)

    def format(self) -> str:
        """Return the statement, indented by its brackets."""
        lines: list[str] = []
        depth = 0
        for line in filter(None, map(str.strip, self.query.decode().splitlines())):
            closing = len(line) - len(line.lstrip(")"))
            lines.append(_INDENT * (depth - closing) + line)
            depth += line.count("(") - line.count(")")
        return "\n".join(lines)

    def mogrify(self, conn: Conn) -> str:
        """Return the statement for psql, with the values of its parameters."""
        return ClientCursor(conn).mogrify(self.format().encode(), self.parameters)


@dataclass(frozen=True, slots=True)
class Execution:
    """The cost of one run of a statement, and its plan: as a tree, and as the server's JSON."""

    milliseconds: float
    planning_milliseconds: float
    planning_blocks: Blocks
    plan: Node
    server_plan: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ExplainedStatement:
    """A statement that was sent, with its first run, before any caching, and with a second run."""

    statement: Statement
    first: Execution
    again: Execution


@dataclass(frozen=True, slots=True)
class ExplainedRead:
    """A read, by the name of its function: its statements, and how many rows it returned.

    `total` is the number of rows of all pages, or None if the read does not count them. `result` is
    the value that the function returned.
    """

    name: str
    statements: tuple[ExplainedStatement, ...]
    rows: int
    total: int | None
    result: object


def explain_read(conn: Conn, name: str, read: Callable[[], object]) -> ExplainedRead:
    """Run `read`, which reads by `conn`, and explain each of its statements before and after it.

    At REPEATABLE READ all of them see one snapshot. Raises the errors of `read`.
    """
    first: list[tuple[Statement, Execution]] = []

    def explain_first(query: str | bytes | Composable, parameters: Any) -> None:  # noqa: ANN401
        statement = Statement(_encode(query, conn), parameters or {})
        first.append((statement, _execute(conn, statement)))

    with record(conn, QueryStats(), on_statement=explain_first):
        result = read()
    statements = tuple(
        ExplainedStatement(statement, execution, _execute(conn, statement))
        for statement, execution in first
    )
    total = result.total if isinstance(result, Page) else None
    return ExplainedRead(name, statements, _count_rows(result), total, result)


def read_text_plan(conn: Conn, statement: Statement) -> tuple[str, ...]:
    """Run a statement with its parameters, and return the lines of PostgreSQL's own plan."""
    with translate_errors(), Cursor(conn, row_factory=tuple_row) as cursor:
        rows = cursor.execute(_EXPLAIN_TEXT + statement.query, statement.parameters)
        return tuple(line for (line,) in rows)


def _execute(conn: Conn, statement: Statement) -> Execution:
    with translate_errors(), Cursor(conn, row_factory=scalar_row) as cursor:
        cursor.execute(_EXPLAIN_JSON + statement.query, statement.parameters)
        (explanation,) = cursor.fetchall()[0]
    return Execution(
        milliseconds=explanation["Execution Time"],
        planning_milliseconds=explanation["Planning Time"],
        planning_blocks=parse_blocks(explanation.get("Planning", {})),
        plan=parse_node(explanation["Plan"]),
        server_plan=explanation,
    )


def _encode(query: str | bytes | Composable, conn: Conn) -> bytes:
    match query:
        case Composable():
            return query.as_bytes(conn)
        case str():
            return query.encode()
        case _:
            return query


def _count_rows(result: object) -> int:
    match result:
        case None:
            return 0
        case Page():
            return len(result.items)
        case tuple():
            return len(result)
        case _:
            return 1
