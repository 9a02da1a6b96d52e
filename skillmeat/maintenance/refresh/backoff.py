"""What is wrong at present: told once, however often it is met."""

import time
from collections.abc import Callable
from typing import Final

from skillmeat.maintenance.refresh.events import Lost, Recovered, Refused, Report

FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 10.0


class Trouble:
    """Tells of what goes wrong and of its end, and paces the attempts in between."""

    def __init__(self, tell: Callable[[Report], None]) -> None:
        self._tell = tell
        self._told: Lost | Refused | None = None
        self._since = 0.0
        self._pause = FIRST_PAUSE

    @property
    def is_loss(self) -> bool:
        """Whether the server is away."""
        return isinstance(self._told, Lost)

    def met(self, report: Lost | Refused) -> float:
        """Note what went wrong, and return how many seconds to wait before the next attempt.

        It is told of if it is news. A server that restarts gives a new reason every moment: only
        one that lasts is news.
        """
        if self._told is None:
            self._since = time.monotonic()
        if type(report) is not type(self._told) or self._is_another_that_lasts(report):
            self._tell(report)
            self._told = report
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        return pause

    def over(self) -> None:
        """Tell of the end of what was wrong, if anything was."""
        if self._told is not None:
            self._tell(Recovered(time.monotonic() - self._since, was=self._told.event))
            self._told = None
        self._pause = FIRST_PAUSE

    def _is_another_that_lasts(self, report: Lost | Refused) -> bool:
        return (
            self._told is not None and self._pause == LONGEST_PAUSE and report.why != self._told.why
        )
