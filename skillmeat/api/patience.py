"""Connections to a server that may fall silent: its host has vanished, or a process of it hangs."""

import time
from collections.abc import Generator
from typing import Any, Final

import psycopg
from psycopg import Connection

# Longer than the server lets any statement run.
SECONDS: Final = 15.0


class PatientConnection(Connection[Any]):
    """Waits `patience` seconds for an answer, and then closes itself: OperationalError."""

    patience = SECONDS

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        """Wait for what is under way, as psycopg does, but not for ever."""
        return super().wait(self._impatient(gen), *arguments, **options)

    def _impatient(self, waiting: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        deadline = time.monotonic() + self.patience
        try:
            wanted = next(waiting)
            while True:
                # psycopg looks up ten times a second, with nothing where nothing has come.
                ready = yield wanted
                if not ready and time.monotonic() > deadline:
                    self.close()
                    message = f"the database has said nothing for {self.patience:g} s"
                    raise psycopg.OperationalError(message)
                wanted = waiting.send(ready)
        except StopIteration as end:
            return end.value
