"""Refresh once, or keep the snapshot fresh in the background."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from queue import SimpleQueue
from types import TracebackType
from typing import Final, Self

from psycopg import IsolationLevel

from skillmeat import settings
from skillmeat.database.connection import (
    DEFAULTS,
    CatalogueConnection,
    build_conninfo,
    find_url,
    get_embedded_url,
)
from skillmeat.database.query import Conn
from skillmeat.database.time_limits import lift_time_limits
from skillmeat.errors import translate_errors
from skillmeat.maintenance.refresh.events import (
    AlreadyRefreshing,
    NothingToRefresh,
    RefreshEvent,
    SnapshotRefreshed,
    log_event,
)
from skillmeat.maintenance.refresh.loop import RefreshLoop
from skillmeat.maintenance.refresh.policy import Policy, decide
from skillmeat.maintenance.refresh.status import (
    LOGS,
    SNAPSHOT,
    get_refresh_status,
    refresh_snapshot,
    vacuum,
)

# `run` returns within a second after `stop`, even if the server does not answer.
SECONDS_TO_END: Final = 0.8
SECONDS_BETWEEN_CANCELS: Final = 0.1

# Parameters of libpq that the URL or its service may override.
OWN_DEFAULTS: Final = {**DEFAULTS, "target_session_attrs": "read-write", "connect_timeout": "10"}


class Refresher:
    """A service that keeps one catalogue's snapshot fresh until it is stopped; it runs once.

    `url` and `schema` are as for `skillmeat.connect`. Every `RefreshEvent` is passed to `on_event`,
    in a thread of the refresher; by default it is logged to `skillmeat.maintenance.refresh`. Any
    number of refreshers may run on any number of machines: one refreshes at a time, and together
    they keep to the policy's share. Refreshers of one process may share `connections`, such as a
    `threading.Semaphore`: each then connects for a check only, while it holds one. As a context
    manager it runs in the background. Raises `CannotConnect`, `InvalidSchemaName` and `ServerError`
    for a URL or a schema that can never work; it reports other failures of the server and
    continues.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        schema: str | None = None,
        policy: Policy | None = None,
        on_event: Callable[[RefreshEvent], None] = log_event,
        connections: AbstractContextManager[object] | None = None,
    ) -> None:
        connect = make_connector(url, schema=schema)
        self._loop = RefreshLoop(connect, policy or Policy(), on_event, connections=connections)
        # Unlike an Event, a SimpleQueue may be used by a signal handler in the waiting thread.
        self._ends: SimpleQueue[BaseException | None] = SimpleQueue()
        self._background = threading.Thread(target=self.run, name="refresher", daemon=True)

    def run(self) -> None:
        """Run until `stop` is called; raise an error of `on_event`."""
        worker = threading.Thread(target=self._work, name="refresh loop", daemon=True)
        worker.start()
        try:
            error = self._ends.get()
        finally:
            self._end(worker)
        if error is not None:
            raise error

    def stop(self) -> None:
        """Make `run` return within a second; a signal handler may call this.

        A running refresh is cancelled. An attempt to connect is abandoned.
        """
        self._ends.put(None)

    def __enter__(self) -> Self:
        """Run in the background."""
        self._background.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()
        self._background.join()

    def _work(self) -> None:
        try:
            self._loop.run()
        except BaseException as error:  # noqa: BLE001 - raised again by `run`
            self._ends.put(error)

    def _end(self, worker: threading.Thread) -> None:
        self._loop.stop()
        deadline = time.monotonic() + SECONDS_TO_END
        # Repeated, because the loop may have begun another statement just after `stop`.
        while worker.is_alive() and (left := deadline - time.monotonic()) > 0:
            worker.join(SECONDS_BETWEEN_CANCELS)
            self._loop.cancel(timeout=left)


def refresh_once(url: str | None = None, *, schema: str | None = None) -> RefreshEvent:
    """Refresh now, without any policy, and return the event.

    `url` and `schema` are as for `skillmeat.connect`. Raises the errors of a connection.
    """
    with make_connector(url, schema=schema)() as conn, translate_errors():
        status = get_refresh_status(conn)
        started = time.perf_counter()
        with conn.transaction():
            lift_time_limits(conn)
            changes = refresh_snapshot(conn)
        seconds = time.perf_counter() - started
        if changes:
            vacuum(conn, LOGS)
            vacuum(conn, SNAPSHOT)
    if changes is None:
        return AlreadyRefreshing()
    reason = decide(status, Policy())
    if changes or reason.is_repair:
        because = reason if reason.is_repair else None
        return SnapshotRefreshed(changes, seconds, because, status.oldest_seconds)
    return NothingToRefresh()


def make_connector(url: str | None = None, *, schema: str | None = None) -> Callable[[], Conn]:
    """Return a function that connects to the server that accepts writes at that moment.

    `url` and `schema` are as for `skillmeat.connect`. The embedded server is started for the first
    connection only: if its owner stops it later, it stays stopped.
    """
    chosen = settings.get_schema(schema)
    if given := find_url(url):
        return partial(_connect, build_conninfo(given, schema=chosen, defaults=OWN_DEFAULTS))
    is_started = False

    def connect() -> Conn:
        nonlocal is_started
        target = get_embedded_url(start=not is_started)
        is_started = True
        return _connect(build_conninfo(target, schema=chosen, defaults=OWN_DEFAULTS))

    return connect


def _connect(target: str) -> Conn:
    with translate_errors():
        conn = CatalogueConnection.connect(target, autocommit=True)
        conn.isolation_level = IsolationLevel.READ_COMMITTED
        # A prepared statement would outlive the schema that it was prepared for.
        conn.prepare_threshold = None
        if not conn.is_pooled:
            # For VACUUM, which no transaction can contain.
            lift_time_limits(conn)
        return conn
