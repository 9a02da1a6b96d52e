"""The monitor, which reads the database's tokens, revision and status every two seconds."""

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Final

from psycopg.errors import ConnectionTimeout

from skillmeat.api.connection import ServiceConnection, TimeoutConnection
from skillmeat.catalogue.tokens import Scope as TokenScope
from skillmeat.catalogue.tokens import get_token_scopes
from skillmeat.database.connection import build_conninfo, connect
from skillmeat.database.query import Conn, fetch_scalar
from skillmeat.database.revisions import RECORDED, advise, get_head
from skillmeat.errors import NotAllowed, NotMigrated, SkillMeatError, translate_errors
from skillmeat.maintenance import WHOLE_CATALOGUE, Scope, list_count_drift, list_summary_drift
from skillmeat.maintenance.refresh import RefreshStatus, get_refresh_status

LOGGER = logging.getLogger("skillmeat.api")

POLL_INTERVAL: Final = 2.0
# An unknown token makes the server poll at once, but never more often than this.
MIN_POLL_INTERVAL: Final = 0.25
DRIFT_INTERVAL: Final = 60.0
# The drift check compares every count, and a random sample of the summaries.
SAMPLE: Final = Scope(sample=1000)

# A session that locks a table must delay neither a polling request nor the server's shutdown.
TIMEOUTS: Final = """
    select set_config('statement_timeout', '5s', false), set_config('lock_timeout', '2s', false)
"""
CLOSE_TIMEOUT: Final = 2.0


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """The state of the database at the last poll.

    `tokens` is None until they are read. `error` is the failure of the last poll, or None.
    """

    tokens: dict[str, TokenScope] | None = None
    status: RefreshStatus | None = None
    revision: str | None = None
    error: str | None = "the database was not polled yet"


@dataclass(slots=True)
class DatabaseMonitor:
    """A poller of the database; once it is open, it polls in threads of its own until it is closed.

    `drift` is None until all counts and a sample of the summaries have been compared once. Unless
    this catalogue `is_only_one` of the server, a poll closes its connection, and refuses a pooler
    that may lead to another catalogue. `is_silent` tells that the last poll failed because the
    server did not answer in time.
    """

    url: str | None = None
    schema: str | None = None
    is_only_one: bool = True
    is_silent: bool = False
    state: DatabaseState = field(default_factory=DatabaseState)
    drift: int | None = None
    expected_revision: str | None = None
    polled_at: float = -POLL_INTERVAL
    _stopping: threading.Event = field(default_factory=threading.Event)
    _polling: threading.Lock = field(default_factory=threading.Lock)
    _conn: TimeoutConnection | None = None
    _threads: list[threading.Thread] = field(default_factory=list)

    def open(self) -> None:
        """Poll once, then continue in background threads."""
        self.expected_revision = get_head()
        self.poll()
        for work in (self._keep_polling, self._keep_checking_drift):
            thread = threading.Thread(target=work, name=work.__name__.strip("_"), daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """Stop polling."""
        self._stopping.set()
        # The threads are daemons: if one still waits for the database, it ends with the process.
        self._threads[0].join(CLOSE_TIMEOUT)

    def list_problems(self) -> list[str]:
        """Return the reasons why the server is not ready; the list is empty if it is ready."""
        state = self.state
        if state.error is not None:
            return [state.error]
        problems: list[str] = []
        if state.revision != self.expected_revision:
            problems.append(
                f"the catalogue is at {state.revision}, but this server needs "
                f"{self.expected_revision}: {advise(state.revision)}"
            )
        if self.drift is None:
            problems.append("the first comparison of counts and summaries is still running: wait")
        elif self.drift:
            problems.append(
                f"{self.drift} counts or summaries have drifted: run `skillmeat repair`"
            )
        return problems

    def poll(self, *, since: float | None = None) -> None:
        """Poll now, unless another thread has polled since the monotonic time `since`."""
        with self._polling:
            if since is not None and self.polled_at >= since:
                return
            wait = self.polled_at + MIN_POLL_INTERVAL - time.monotonic()
            if self._stopping.wait(max(wait, 0)):
                return
            self.polled_at = time.monotonic()
            try:
                self.state = _read_state(self._get_connection())
                self.is_silent = False
            except SkillMeatError as error:
                # Keep the tokens: they are still valid when the database answers again.
                tokens = self.state.tokens
                if tokens is None and isinstance(error, NotMigrated) and not self.is_only_one:
                    # A service without a catalogue: no token of a client can be one of it.
                    tokens = {}
                self.state = DatabaseState(tokens=tokens, error=str(error))
                self.is_silent = isinstance(error.__cause__, ConnectionTimeout)
                self._disconnect()
            if not self.is_only_one:
                self._disconnect()

    def check_drift(self) -> float | None:
        """Compare now, and return how many seconds to wait before the next time, None for never."""
        try:
            with connect(self.url, schema=self.schema, autocommit=True) as conn:
                self.drift = _count_drift(conn)
        except SkillMeatError as error:
            LOGGER.warning("the drift check failed: %s; trying again", error)
            return POLL_INTERVAL
        if not self.drift:
            return None
        LOGGER.error("%s counts or summaries have drifted: run skillmeat repair", self.drift)
        return DRIFT_INTERVAL

    def _keep_polling(self) -> None:
        while not self._stopping.wait(POLL_INTERVAL):
            self.poll()
        with self._polling:
            self._disconnect()

    def _keep_checking_drift(self) -> None:
        pause: float | None = 0.0
        while pause is not None and not self._stopping.wait(pause):
            pause = POLL_INTERVAL if self.state.error is not None else self.check_drift()

    def _get_connection(self) -> Conn:
        if self._conn is None:
            connection = TimeoutConnection if self.is_only_one else ServiceConnection
            with translate_errors():
                self._conn = connection.connect(
                    build_conninfo(self.url, schema=self.schema), autocommit=True, connect_timeout=5
                )
            if not self._conn.is_pooled:
                fetch_scalar(self._conn, TIMEOUTS, {})
        return self._conn

    def _disconnect(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.close()


def _read_state(conn: Conn) -> DatabaseState:
    revision = fetch_scalar(conn, RECORDED, {})
    try:
        tokens = get_token_scopes(conn)
    except NotAllowed:
        # Without SELECT on api_tokens, accept only SKILLMEAT_API_TOKEN.
        tokens = None
    return DatabaseState(tokens, get_refresh_status(conn), revision, error=None)


def _count_drift(conn: Conn) -> int:
    counts = sum(
        len(list_count_drift(conn, counter=batch.counter, parents=batch.parents))
        for batch in WHOLE_CATALOGUE.count_batches(conn)
    )
    summaries = sum(
        len({each.id for each in list_summary_drift(conn, ids=batch.ids)})
        for batch in SAMPLE.summary_batches(conn)
    )
    return counts + summaries
