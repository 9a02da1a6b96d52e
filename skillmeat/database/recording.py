"""A recorder of the statements that a connection sends: their number, time and text."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Self, cast

from psycopg import Cursor

from skillmeat.database.query import Conn

# Called with a statement and its parameters, as the caller gave them to psycopg.
OnStatement = Callable[[Any, Any], None]


@dataclass(slots=True)
class QueryStats:
    """The number of statements sent, and the seconds until the server answered them.

    A failed statement counts. COPY, BEGIN and COMMIT do not.
    """

    statements: int = 0
    seconds: float = 0.0


class _RecordingCursor(Cursor[Any]):
    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401
        stats: QueryStats,
        on_statement: OnStatement | None,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*arguments, **options)
        self._stats = stats
        self._on_statement = on_statement

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:  # noqa: ANN401
        with self._record(query, [params]):
            return super().execute(query, params, **options)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:  # noqa: ANN401
        every = list(params_seq)
        with self._record(query, every):
            super().executemany(query, every, **options)

    @contextmanager
    def _record(self, query: object, every: Sequence[object]) -> Iterator[None]:
        if self._on_statement is not None:
            for params in every:
                self._on_statement(query, params)
        started = time.perf_counter()
        try:
            yield
        finally:
            self._stats.statements += len(every)
            self._stats.seconds += time.perf_counter() - started


@contextmanager
def record(
    conn: Conn, stats: QueryStats, *, on_statement: OnStatement | None = None
) -> Iterator[None]:
    """Add each statement that the block sends on `conn` to `stats`.

    `on_statement` is called before each statement is sent, and may use a cursor of its own.
    """
    usual = conn.cursor_factory
    recording = partial(_RecordingCursor, stats=stats, on_statement=on_statement)
    # psycopg only calls the factory, although it is typed as a class.
    conn.cursor_factory = cast("type[Cursor[Any]]", recording)
    try:
        yield
    finally:
        conn.cursor_factory = usual
