"""Exponential backoff: the pauses between failed attempts, and the reports of failures."""

import time
from collections.abc import Callable
from typing import Final

from skillmeat.maintenance.refresh.events import (
    ConnectionLost,
    Recovered,
    RefreshEvent,
    StatementFailed,
)

FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 10.0


class Backoff:
    """The pauses between failing attempts; reports each failure and its end once."""

    def __init__(self, on_event: Callable[[RefreshEvent], None]) -> None:
        self._on_event = on_event
        self._failure: ConnectionLost | StatementFailed | None = None
        self._since = 0.0
        self._pause = FIRST_PAUSE

    @property
    def is_disconnected(self) -> bool:
        """Whether the last failure was a lost connection."""
        return isinstance(self._failure, ConnectionLost)

    def fail(self, failure: ConnectionLost | StatementFailed) -> float:
        """Record a failure, and return how many seconds to wait before the next attempt.

        A failure is reported if it is new. A server that restarts gives one reason after another,
        so another reason is new only when the pauses have reached their maximum.
        """
        if self._failure is None:
            self._since = time.monotonic()
        if type(failure) is not type(self._failure) or self._is_new_reason(failure):
            self._on_event(failure)
            self._failure = failure
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        return pause

    def recover(self) -> None:
        """Report the end of a failure, if there was one."""
        if self._failure is not None:
            seconds = time.monotonic() - self._since
            self._on_event(Recovered(seconds, was=self._failure.event))
            self._failure = None
        self._pause = FIRST_PAUSE

    def _is_new_reason(self, failure: ConnectionLost | StatementFailed) -> bool:
        return (
            self._failure is not None
            and self._pause == LONGEST_PAUSE
            and failure.why != self._failure.why
        )
