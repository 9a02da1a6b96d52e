"""Sessions and the refresher, which continue after each fault, and their shared counts."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from threading import Event, Lock
from typing import IO, Final

import psycopg
from psycopg import Connection

import skillmeat
from benchmarks.soak.options import Options
from benchmarks.soak.server import SoakServer
from skillmeat.errors import SkillMeatError

# Every writer must expect these: retry, a violated constraint, a cancel, a lost server.
EXPECTED: Final = frozenset(
    {"40001", "40P01", "23503", "23505", "57014", "57P01", "57P02", "57P03"}
)
LOST: Final = "08006"


@dataclass(slots=True)
class SoakStats:
    """Counts that only grow; `drift` describes each wrong value."""

    counts: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)
    refreshes: list[float] = field(default_factory=list)
    page_costs: list[tuple[int, int]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def add(self, what: str, number: int = 1) -> None:
        """Add `number` to the count of `what`."""
        with self._lock:
            self.counts[what] += number

    def record_error(self, name: str, error: Exception) -> None:
        """Count an error by its SQLSTATE; an error without one means a lost server."""
        state = getattr(error, "sqlstate", None) or LOST
        with self._lock:
            self.errors[state] += 1
            if state not in EXPECTED and not state.startswith("08"):
                self.unexpected.append(f"{name}: {state} {error}".replace("\n", " "))

    def record_drift(self, drift: list[str]) -> None:
        """Record descriptions of drift."""
        with self._lock:
            self.drift += drift


SECONDS_BEFORE_NEXT_TRY: Final = 0.2
NAME: Final = "skillmeat soak"


@dataclass(frozen=True, slots=True)
class Soak:
    """The state that all threads of a run share; `began` is a time of the monotonic clock."""

    options: Options
    server: SoakServer
    stats: SoakStats
    stop: Event
    began: float

    @property
    def seconds(self) -> float:
        """The seconds since the start."""
        return time.monotonic() - self.began


Turn = Callable[[Soak, Connection, Random], None]


def open_session(soak: Soak, name: str) -> Connection:
    """Open a session in autocommit, with an application name that contains `name`."""
    return skillmeat.connect(soak.server.url, autocommit=True, application_name=f"{NAME} {name}")


def take_turns(soak: Soak, name: str, turn: Turn, *, per_second: float) -> None:
    """Call `turn` repeatedly until the soak ends, with a new session after each lost one."""
    choice = Random(f"{soak.options.seed} {name}")  # noqa: S311
    while not soak.stop.is_set():
        try:
            with open_session(soak, name) as conn:
                _until_lost(soak, name, conn, turn, choice, per_second)
        except (psycopg.Error, SkillMeatError) as error:
            soak.stats.record_error(name, error)
            soak.stop.wait(SECONDS_BEFORE_NEXT_TRY)


def _until_lost(  # noqa: PLR0913, PLR0917 - what a turn takes, and how often
    soak: Soak, name: str, conn: Connection, turn: Turn, choice: Random, per_second: float
) -> None:
    due = time.monotonic()
    while not soak.stop.is_set() and not conn.closed:
        try:
            turn(soak, conn, choice)
        except (psycopg.Error, SkillMeatError) as error:
            soak.stats.record_error(name, error)
            with suppress(psycopg.Error):
                conn.rollback()
        # A session that has fallen behind continues at once, and catches up by one second at most.
        due = max(due + choice.expovariate(per_second), time.monotonic() - 1)
        soak.stop.wait(max(0.0, due - time.monotonic()))


REFRESHER: Final = "refresher"
SECONDS_BEFORE_NEXT_START: Final = 1.0


class RefresherProcess:
    """A refresher in a process of its own, started again until the soak stops."""

    def __init__(self, soak: Soak) -> None:
        self._soak = soak
        self._process: subprocess.Popen[str] | None = None

    def run(self) -> None:
        """Start the refresher, record its events, and start it again after a kill."""
        while not self._soak.stop.is_set():
            with self._start() as process:
                self._process = process
                if self._soak.stop.is_set():
                    process.terminate()
                assert process.stdout is not None  # noqa: S101 - it is a pipe
                self._listen(process.stdout)
            self._soak.stop.wait(SECONDS_BEFORE_NEXT_START)

    def kill(self) -> None:
        """Kill the refresher with SIGKILL."""
        if self._process is not None:
            self._process.kill()

    def end(self) -> None:
        """Terminate the refresher; call this when the soak has stopped."""
        if self._process is not None:
            self._process.terminate()

    def _start(self) -> subprocess.Popen[str]:
        url = self._soak.server.url
        named = f"{url}{'&' if '?' in url else '?'}application_name={NAME} {REFRESHER}"
        return subprocess.Popen(
            [sys.executable, "-m", "skillmeat", "refresh", "--watch", "--json"],
            env={**os.environ, "SKILLMEAT_DATABASE_URL": named.replace(" ", "%20")},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def _listen(self, told: IO[str]) -> None:
        for line in told:
            report = json.loads(line)
            self._soak.stats.add(report["event"])
            if report["event"] == "refreshed":
                self._soak.stats.refreshes.append(report["seconds"])
                self._soak.stats.add("changes refreshed", report["changes"])
