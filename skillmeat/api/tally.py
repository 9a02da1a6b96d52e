"""How many statements a request ran, and how long the database took."""

import time
from dataclasses import dataclass
from typing import Any, Self

from psycopg import Cursor

from skillmeat.api.patience import PatientConnection


@dataclass(slots=True)
class Tally:
    """What one request has cost so far."""

    statements: int = 0
    seconds: float = 0.0


class TallyingConnection(PatientConnection):
    """A connection whose cursors count for whoever uses it just then."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        self.cursor_factory = TallyingCursor
        self.tally = Tally()


class TallyingCursor(Cursor[Any]):
    """Counts each statement that it runs; BEGIN and COMMIT are none."""

    def execute(self, *arguments: Any, **options: Any) -> Self:  # noqa: ANN401
        """Run it, by the clock."""
        started = time.perf_counter()
        try:
            return super().execute(*arguments, **options)
        finally:
            connection = self.connection
            if isinstance(connection, TallyingConnection):
                connection.tally.statements += 1
                connection.tally.seconds += time.perf_counter() - started
