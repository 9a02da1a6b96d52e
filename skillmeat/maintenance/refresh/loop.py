"""The loop of a refresher: ask for the status, settle, refresh, rest; back off while it fails."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Final, TypeVar

import psycopg

from skillmeat.database.query import Conn
from skillmeat.database.time_limits import lift_time_limits
from skillmeat.errors import CannotConnect, DatabaseError, SkillMeatError, translate_errors
from skillmeat.maintenance.drift import settle_counts
from skillmeat.maintenance.refresh.backoff import Backoff
from skillmeat.maintenance.refresh.events import (
    ConnectionLost,
    CountsSettled,
    RefreshEvent,
    SnapshotRefreshed,
    StatementFailed,
)
from skillmeat.maintenance.refresh.policy import Policy, RefreshReason, decide
from skillmeat.maintenance.refresh.status import (
    LOGS,
    SNAPSHOT,
    RefreshStatus,
    get_refresh_status,
    refresh_snapshot,
    vacuum,
)
from skillmeat.settings.services import ServiceFileWatcher

# A few pending counts cost a reader almost nothing.
SECONDS_BETWEEN_SETTLING: Final = 10.0

READ_ONLY: Final = "25006"

Result = TypeVar("Result")


class RefreshLoop:
    """A loop that keeps one catalogue fresh in the thread of `run`; any thread may `stop` it.

    With `connections`, it is connected only while it holds one of them.
    """

    def __init__(
        self,
        connect: Callable[[], Conn],
        policy: Policy,
        on_event: Callable[[RefreshEvent], None],
        *,
        connections: AbstractContextManager[object] | None = None,
    ) -> None:
        self._connect = connect
        self._policy = policy
        self._on_event = on_event
        self._connections = connections
        self._backoff = Backoff(on_event)
        self._file = ServiceFileWatcher()
        self._stopping = threading.Event()
        self._conn: Conn | None = None
        self._had_server = False
        self._settle_after = 0.0
        self._refresh_after = 0.0

    def run(self) -> None:
        """Run until `stop` is called; report failures of the server and continue."""
        pause = 0.0
        try:
            while not self._stopping.wait(min(pause, threading.TIMEOUT_MAX)):
                pause = self.attempt()
        finally:
            self.disconnect()

    def stop(self) -> None:
        """Make `run` return before its next statement."""
        self._stopping.set()

    def cancel(self, *, timeout: float) -> None:
        """Cancel the running statement, if there is one, within `timeout` seconds."""
        conn = self._conn
        if conn is not None:
            with suppress(psycopg.Error):
                conn.cancel_safe(timeout=timeout)

    def attempt(self) -> float:
        """Settle and refresh if due; return how many seconds to wait."""
        if self._file.has_changed():
            # The service may lead to another server by now.
            self.disconnect()
        with self._connections or nullcontext():
            try:
                return self._step(self._open_connection())
            except SkillMeatError as error:
                if self._stopping.is_set():
                    return 0
                return self._backoff.fail(self._classify(error))
            finally:
                if self._connections is not None:
                    self.disconnect()

    def _step(self, conn: Conn) -> float:
        started = time.monotonic()
        status = get_refresh_status(conn)
        pause = max(self._policy.every, self._policy.rest(time.monotonic() - started))
        if status.is_read_only:
            message = "the server is a standby, or read-only"
            raise CannotConnect(message, sqlstate=READ_ONLY)
        self._had_server = True
        if self._backoff.is_disconnected:
            self._backoff.recover()
        self._settle(conn, status)
        reason = decide(status, self._policy)
        if reason.is_due:
            if time.monotonic() < self._refresh_after:
                return pause
            self._refresh(conn, status, reason)
        self._backoff.recover()
        return pause

    def _settle(self, conn: Conn, status: RefreshStatus) -> None:
        if not status.pending_counts or time.monotonic() < self._settle_after:
            return
        still_pending, seconds = _run_timed(conn, settle_counts)
        rest = max(SECONDS_BETWEEN_SETTLING, self._policy.rest(seconds))
        self._settle_after = time.monotonic() + rest
        if still_pending < status.pending_counts:
            vacuum(conn, LOGS)
            settled = status.pending_counts - still_pending
            self._on_event(CountsSettled(settled, still_pending=still_pending, seconds=seconds))

    def _refresh(self, conn: Conn, status: RefreshStatus, reason: RefreshReason) -> None:
        started = time.monotonic()
        try:
            changes, seconds = _run_timed(conn, refresh_snapshot)
        except SkillMeatError:
            # The database records when a refresh ended only if it succeeded.
            now = time.monotonic()
            self._refresh_after = now + self._policy.rest(now - started)
            raise
        if changes or (changes is not None and reason.is_repair):
            vacuum(conn, LOGS)
            vacuum(conn, SNAPSHOT)
            self._on_event(SnapshotRefreshed(changes, seconds, reason, status.oldest_seconds))

    def _open_connection(self) -> Conn:
        if self._conn is None:
            self._conn = self._connect()
        return self._conn

    def disconnect(self) -> None:
        """Close the connection, if there is one; the next attempt opens another."""
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.close()

    def _classify(self, error: SkillMeatError) -> ConnectionLost | StatementFailed:
        is_read_only = isinstance(error, DatabaseError) and error.sqlstate == READ_ONLY
        if self._conn is not None and not self._conn.closed and not is_read_only:
            return StatementFailed(str(error))
        self.disconnect()
        return ConnectionLost(str(error), before=self._had_server)


def _run_timed(conn: Conn, work: Callable[[Conn], Result]) -> tuple[Result, float]:
    started = time.monotonic()
    with translate_errors(), conn.transaction():
        lift_time_limits(conn)
        result = work(conn)
    return result, time.monotonic() - started
