"""What the server knows about its database beside what requests ask: looked up now and then."""

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Final

from skillmeat import migration
from skillmeat.api.patience import PatientConnection
from skillmeat.catalogue.tokens import Scope as TokenScope
from skillmeat.catalogue.tokens import valid_tokens
from skillmeat.connection import connect, conninfo
from skillmeat.errors import NotAllowed, SkillMeatError, translated
from skillmeat.maintenance import CATALOGUE, Scope, drift, summary_drift
from skillmeat.maintenance.refresh import Status, status
from skillmeat.query import Conn, scalar

LOGGER = logging.getLogger("skillmeat.api")

SECONDS_BETWEEN_LOOKS: Final = 2.0
# Whoever brings an unknown token has the server look at once, but all together no more often.
SECONDS_BETWEEN_HURRIED_LOOKS: Final = 0.25
SECONDS_BETWEEN_CHECKS: Final = 60.0
# So many summaries are compared with the truth, and every count.
SAMPLE: Final = Scope(sample=1000)

# Whoever waits for a look, or for the server's end, does not wait for whoever holds a table.
LIMITS: Final = """
    select set_config('statement_timeout', '5s', false), set_config('lock_timeout', '2s', false)
"""
SECONDS_TO_END: Final = 2.0

REVISION: Final = "select version_num from alembic_version"


@dataclass(frozen=True, slots=True)
class Seen:
    """How things stood at the last look.

    `tokens` are None until they were read, `drift` until everything was compared once; `trouble` is
    why there was nothing to see, None where there was.
    """

    tokens: dict[str, TokenScope] | None = None
    status: Status | None = None
    revision: str | None = None
    trouble: str | None = "not looked yet"


@dataclass(slots=True)
class Observer:
    """Looks at the database every two seconds, in threads of its own, until it is closed."""

    url: str | None = None
    seen: Seen = field(default_factory=Seen)
    drift: int | None = None
    newest: str | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)
    _looking: threading.Lock = field(default_factory=threading.Lock)
    _looked_at: float = -SECONDS_BETWEEN_LOOKS
    _conn: Conn | None = None
    _threads: list[threading.Thread] = field(default_factory=list)

    def open(self) -> None:
        """Look once, and go on in the background."""
        self.newest = migration.newest()
        self.look()
        for work in (self._look_now_and_then, self._check_now_and_then):
            thread = threading.Thread(target=work, name=work.__name__.strip("_"), daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """Stop looking."""
        self._stopping.set()
        # One that a server keeps waiting is left to itself.
        self._threads[0].join(SECONDS_TO_END)

    def problems(self) -> list[str]:
        """Why the server is not ready, in words; none if it is."""
        found = self.seen
        if found.trouble is not None:
            return [found.trouble]
        problems: list[str] = []
        if found.revision != self.newest:
            problems.append(
                f"the catalogue is at {found.revision}, this server is for {self.newest}: "
                "run `skillmeat migrate up`"
            )
        if self.drift is None:
            problems.append("counts and summaries are still being compared with the truth")
        elif self.drift:
            problems.append(
                f"{self.drift} counts or summaries differ from the truth: run `skillmeat repair`"
            )
        return problems

    def look(self, *, since: float | None = None) -> None:
        """Look now, unless somebody has since the monotonic time `since`."""
        with self._looking:
            if since is not None and self._looked_at >= since:
                return
            wait = self._looked_at + SECONDS_BETWEEN_HURRIED_LOOKS - time.monotonic()
            if self._stopping.wait(max(wait, 0)):
                return
            self._looked_at = time.monotonic()
            try:
                self.seen = self._see(self._connected())
            except SkillMeatError as error:
                # Who was let in before still is, as soon as there is something to read again.
                self.seen = Seen(tokens=self.seen.tokens, trouble=str(error))
                self._disconnect()

    def _see(self, conn: Conn) -> Seen:
        revision = scalar(conn, REVISION, {})
        try:
            tokens = valid_tokens(conn)
        except NotAllowed:
            # Whoever may not know who is let in lets in nobody but the token that it was given.
            tokens = None
        return Seen(tokens, status(conn), revision, trouble=None)

    def _look_now_and_then(self) -> None:
        while not self._stopping.wait(SECONDS_BETWEEN_LOOKS):
            self.look()
        with self._looking:
            self._disconnect()

    def _check_now_and_then(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            pause = SECONDS_BETWEEN_LOOKS
            if self.seen.trouble is not None:
                continue
            try:
                with connect(self.url, autocommit=True) as conn:
                    self.drift = _drift(conn)
            except SkillMeatError as error:
                LOGGER.warning("not compared with the truth: %s", error)
                continue
            if not self.drift:
                return
            LOGGER.error("%s counts or summaries differ from the truth", self.drift)
            pause = SECONDS_BETWEEN_CHECKS

    def _connected(self) -> Conn:
        if self._conn is None:
            with translated():
                self._conn = PatientConnection.connect(
                    conninfo(self.url), autocommit=True, connect_timeout=5
                )
            scalar(self._conn, LIMITS, {})
        return self._conn

    def _disconnect(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.close()


def _drift(conn: Conn) -> int:
    counts = sum(
        len(drift(conn, counter=batch.counter, parents=batch.parents))
        for batch in CATALOGUE.counts(conn)
    )
    summaries = sum(
        len({each.id for each in summary_drift(conn, ids=batch.ids)})
        for batch in SAMPLE.summaries(conn)
    )
    return counts + summaries
