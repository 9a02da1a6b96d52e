"""The monitor of standbys: which of them may be read, and how far each is behind the primary."""

import logging
import threading
import time
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import Final

from skillmeat.api.connection import TimeoutConnection
from skillmeat.database.connection import build_conninfo
from skillmeat.database.positions import Position, get_position
from skillmeat.database.query import fetch_scalar
from skillmeat.database.standbys import FORKED, NOT_A_STANDBY, Standby
from skillmeat.errors import SkillMeatError, translate_errors

LOGGER = logging.getLogger("skillmeat.api")

POLL_INTERVAL: Final = 1.0
# Requests that wait for a silent standby go to the primary after this.
RESPONSE_TIMEOUT: Final = 2.0
CONNECT_TIMEOUT: Final = 2
# The positions of a quarter of an hour: no greater lag can be measured.
MAX_LAG: Final = 900
CLOSE_TIMEOUT: Final = 2.0
DATABASE: Final = "select current_database()"


class PositionHistory:
    """The positions of the primary, each with the monotonic time at which it was first seen.

    While the primary does not answer, its clock stands still: a standby then lags no further.
    """

    def __init__(self) -> None:
        self._samples: deque[tuple[float, Position]] = deque(maxlen=round(MAX_LAG / POLL_INTERVAL))
        self._seen_at = 0.0

    def add(self, position: Position, *, seen_at: float) -> None:
        """Add the position that the primary has at a monotonic time."""
        if not self._samples or self._samples[-1][1] != position:
            self._samples.append((seen_at, position))
        self._seen_at = seen_at

    def get_floor(self, max_lag: float) -> Position | None:
        """Return the position that the primary had `max_lag` seconds ago, or its first known one.

        None if the primary has never answered.
        """
        samples = list(self._samples)
        after = bisect_right(samples, self._seen_at - max_lag, key=lambda sample: sample[0])
        return samples[max(after - 1, 0)][1] if samples else None

    def measure_lag(self, position: Position) -> float:
        """Measure for how many seconds the primary has had what a server at `position` lacks.

        Behind an idle primary that is 0, however old the last commit is.
        """
        missing = (seen for seen, each in list(self._samples) if not position.includes(each))
        return self._seen_at - next(missing, self._seen_at)


@dataclass(frozen=True, slots=True)
class StandbyState:
    """The state of a standby at the last poll.

    `lag` is in seconds. `problem` is the reason why no read goes there, or None.
    """

    problem: str | None = "it was not polled yet"
    is_reachable: bool = True
    lag: float | None = None


class StandbyMonitor:
    """A poller of the primary and each standby, in threads of its own until it is closed.

    `url` and `schema` are as for `skillmeat.connect`. A standby that is more than `max_lag` seconds
    behind is not usable.
    """

    def __init__(
        self,
        standbys: tuple[Standby, ...],
        url: str | None,
        *,
        schema: str | None = None,
        max_lag: float,
    ) -> None:
        self.states = dict.fromkeys(standbys, StandbyState())
        self._url = url
        self._schema = schema
        self._max_lag = max_lag
        self._history = PositionHistory()
        self._primary_database: str | None = None
        # None while the primary does not answer.
        self._primary_position: Position | None = None
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep_polling, args=(each,), name="poll", daemon=True)
            for each in (None, *standbys)
        ]

    def open(self) -> None:
        """Begin to poll; until then no standby is usable."""
        for each in self._threads:
            each.start()

    def close(self) -> None:
        """Stop polling."""
        self._stopping.set()
        deadline = time.monotonic() + CLOSE_TIMEOUT
        for each in self._threads:
            # The threads are daemons: one that still waits for a server ends with the process.
            each.join(max(deadline - time.monotonic(), 0))

    def list_usable(self) -> list[Standby]:
        """List the standbys that answer and are not too far behind."""
        return [each for each, state in self.states.items() if state.problem is None]

    def get_floor(self) -> Position | None:
        """Return the position that a standby must have replayed to be read."""
        return self._history.get_floor(self._max_lag)

    def is_forked(self, position: Position) -> bool:
        """Return whether a server at this position follows the primary no longer.

        False while the primary does not answer: a promoted standby is read then.
        """
        primary = self._primary_position
        return primary is not None and position.is_forked_from(primary)

    def report_failure(self, standby: Standby, error: Exception) -> None:
        """Let no read go to the standby until it answers a poll."""
        self._set(standby, StandbyState(str(error), is_reachable=False))

    def _keep_polling(self, standby: Standby | None) -> None:
        conn: TimeoutConnection | None = None
        pause = 0.0
        while not self._stopping.wait(pause):
            pause = POLL_INTERVAL
            was_connected = conn is not None
            try:
                with translate_errors():
                    conn = conn or self._connect(standby)
                    position = get_position(conn)
                    database = fetch_scalar(conn, DATABASE, {})
            except SkillMeatError as error:
                if was_connected:
                    # A proxy leads the next connection to another server.
                    pause = 0.0
                if conn is not None:
                    conn.close()
                    conn = None
                if standby is None:
                    self._primary_position = None
                else:
                    self.report_failure(standby, error)
                continue
            if standby is None:
                self._primary_database = database
                self._primary_position = position
                self._history.add(position, seen_at=time.monotonic())
            else:
                self._set(standby, self._judge(position, database))
        if conn is not None:
            conn.close()

    def _connect(self, standby: Standby | None) -> TimeoutConnection:
        url = self._url if standby is None else standby.conninfo
        conn = TimeoutConnection.connect(
            build_conninfo(url, schema=self._schema),
            autocommit=True,
            connect_timeout=CONNECT_TIMEOUT,
        )
        conn.response_timeout = RESPONSE_TIMEOUT
        return conn

    def _judge(self, position: Position, database: str) -> StandbyState:
        floor = self.get_floor()
        if floor is None:
            return StandbyState("the primary has not answered yet")
        if (position.system, database) != (floor.system, self._primary_database):
            return StandbyState(NOT_A_STANDBY)
        if self.is_forked(position):
            return StandbyState(FORKED)
        lag = self._history.measure_lag(position)
        problem = None if position.includes(floor) else f"it is {lag:.0f} s behind the primary"
        return StandbyState(problem, lag=lag)

    def _set(self, standby: Standby, state: StandbyState) -> None:
        before, self.states[standby] = self.states[standby], state
        if state.problem is None and before.problem is not None:
            LOGGER.info("reads go to the standby %s", standby.name)
        elif state.problem is not None and before.problem is None:
            LOGGER.warning("no read goes to the standby %s: %s", standby.name, state.problem)
