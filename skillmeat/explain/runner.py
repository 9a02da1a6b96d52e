"""Runs a read of the layer, and has the server explain each statement that it sends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from psycopg import Cursor
from psycopg.rows import scalar_row, tuple_row

from skillmeat.catalogue.pagination import Page
from skillmeat.errors import translate_errors
from skillmeat.explain.plan import Blocks, Node, blocks_of, node_of
from skillmeat.explain.recorder import Sent, recorded
from skillmeat.query import Conn

# Without a clock at every node, which would make most of a short statement's time.
AS_DATA: Final = b"explain (analyze, buffers, timing off, format json) "
AS_TEXT: Final = b"explain (analyze, buffers, timing off) "


@dataclass(frozen=True, slots=True)
class Ran:
    """What a statement took, and the plan that it was run with: as a tree, and the server's own."""

    milliseconds: float
    planning_milliseconds: float
    planning_blocks: Blocks
    plan: Node
    explained: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that was sent: as it ran first, with nothing at hand, and as it ran again."""

    sent: Sent
    first: Ran
    again: Ran


@dataclass(frozen=True, slots=True)
class Explained:
    """A read, by the name of its function: its statements, and how many rows it returned.

    `total` is how many there are, None where nothing counts them.
    """

    name: str
    statements: tuple[Statement, ...]
    rows: int
    total: int | None
    found: object


def explained(conn: Conn, name: str, read: Callable[[], object]) -> Explained:
    """Run `read`, which reads by `conn`, and each of its statements before it and after it.

    At REPEATABLE READ all of them see one snapshot. Raises what `read` raises.
    """
    before: list[tuple[Sent, Ran]] = []
    with recorded(conn, lambda sent: before.append((sent, ran(conn, sent)))):
        found = read()
    statements = tuple(Statement(sent, first, ran(conn, sent)) for sent, first in before)
    return Explained(name, statements, _rows_of(found), _total_of(found), found)


def ran(conn: Conn, sent: Sent) -> Ran:
    """Run a statement with its values, and say what it took."""
    with translate_errors(), Cursor(conn, row_factory=scalar_row) as cursor:
        (explanation,) = cursor.execute(AS_DATA + sent.statement, sent.values).fetchall()[0]
    return Ran(
        milliseconds=explanation["Execution Time"],
        planning_milliseconds=explanation["Planning Time"],
        planning_blocks=blocks_of(explanation.get("Planning", {})),
        plan=node_of(explanation["Plan"]),
        explained=explanation,
    )


def text_plan(conn: Conn, sent: Sent) -> tuple[str, ...]:
    """Run a statement with its values, and return the lines of PostgreSQL's own plan."""
    with translate_errors(), Cursor(conn, row_factory=tuple_row) as cursor:
        return tuple(line for (line,) in cursor.execute(AS_TEXT + sent.statement, sent.values))


def _rows_of(found: object) -> int:
    match found:
        case None:
            return 0
        case Page():
            return len(found.items)
        case tuple():
            return len(found)
        case _:
            return 1


def _total_of(found: object) -> int | None:
    return found.total if isinstance(found, Page) else None
