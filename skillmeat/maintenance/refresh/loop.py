"""The work of a refresher: look, settle, refresh, and look again."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

import psycopg

from skillmeat.errors import CannotConnect, DatabaseError, SkillMeatError, translate_errors
from skillmeat.maintenance import settle
from skillmeat.maintenance.refresh.backoff import Trouble
from skillmeat.maintenance.refresh.events import Lost, Refreshed, Refused, Report, Settled
from skillmeat.maintenance.refresh.policy import Because, Policy, decide
from skillmeat.maintenance.refresh.status import Status, refresh, status
from skillmeat.maintenance.refresh.vacuum import LOGS, SNAPSHOT, vacuum
from skillmeat.query import Conn

# Pending counts cost readers next to nothing until there are many.
SECONDS_BETWEEN_SETTLING: Final = 10.0

READ_ONLY: Final = "25006"

Result = TypeVar("Result")


class Watch:
    """Watches one catalogue in the thread that calls `run`; any other thread may `stop` it."""

    def __init__(
        self, connect: Callable[[], Conn], policy: Policy, tell: Callable[[Report], None]
    ) -> None:
        self._connect = connect
        self._policy = policy
        self._tell = tell
        self._trouble = Trouble(tell)
        self._stopping = threading.Event()
        self._conn: Conn | None = None
        self._had_server = False
        self._settle_after = 0.0
        self._refresh_after = 0.0

    def run(self) -> None:
        """Watch until stopped; whatever the server does is told of and survived."""
        pause = 0.0
        try:
            while not self._stopping.wait(min(pause, threading.TIMEOUT_MAX)):
                pause = self._attempt()
        finally:
            self._disconnect()

    def stop(self) -> None:
        """Have `run` return before its next statement."""
        self._stopping.set()

    def cancel(self, *, timeout: float) -> None:
        """Have the server give up the statement that is running, if one is."""
        conn = self._conn
        if conn is not None:
            with suppress(psycopg.Error):
                conn.cancel_safe(timeout=timeout)

    def _attempt(self) -> float:
        """Do what is due, and return how many seconds to wait."""
        try:
            return self._step(self._connected())
        except SkillMeatError as error:
            if self._stopping.is_set():
                return 0
            return self._trouble.met(self._explained(error))

    def _step(self, conn: Conn) -> float:
        started = time.monotonic()
        found = status(conn)
        pause = max(self._policy.every, self._policy.rest(time.monotonic() - started))
        if found.is_read_only:
            message = "it is a standby, or read-only"
            raise CannotConnect(message, sqlstate=READ_ONLY)
        self._had_server = True
        if self._trouble.is_loss:
            self._trouble.over()
        self._settle(conn, found)
        because = decide(found, self._policy)
        if because.is_due:
            if time.monotonic() < self._refresh_after:
                return pause
            self._refresh(conn, found, because)
        self._trouble.over()
        return pause

    def _settle(self, conn: Conn, found: Status) -> None:
        if not found.pending_counts or time.monotonic() < self._settle_after:
            return
        left, seconds = self._timed(conn, settle)
        rest = max(SECONDS_BETWEEN_SETTLING, self._policy.rest(seconds))
        self._settle_after = time.monotonic() + rest
        if left < found.pending_counts:
            vacuum(conn, LOGS)
            self._tell(Settled(found.pending_counts - left, left=left, seconds=seconds))

    def _refresh(self, conn: Conn, found: Status, because: Because) -> None:
        started = time.monotonic()
        try:
            changes, seconds = self._timed(conn, refresh)
        except SkillMeatError:
            # The database remembers those that succeed.
            now = time.monotonic()
            self._refresh_after = now + self._policy.rest(now - started)
            raise
        if changes or (changes is not None and because.mends):
            vacuum(conn, LOGS)
            vacuum(conn, SNAPSHOT)
            self._tell(Refreshed(changes, seconds, because, found.oldest_seconds))

    def _timed(self, conn: Conn, work: Callable[[Conn], Result]) -> tuple[Result, float]:
        started = time.monotonic()
        with translate_errors(), conn.transaction():
            done = work(conn)
        return done, time.monotonic() - started

    def _connected(self) -> Conn:
        if self._conn is None:
            self._conn = self._connect()
        return self._conn

    def _disconnect(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.close()

    def _explained(self, error: SkillMeatError) -> Lost | Refused:
        read_only = isinstance(error, DatabaseError) and error.sqlstate == READ_ONLY
        if self._conn is not None and not self._conn.closed and not read_only:
            return Refused(str(error))
        self._disconnect()
        return Lost(str(error), before=self._had_server)
