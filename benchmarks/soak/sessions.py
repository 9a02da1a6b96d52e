"""Sessions that go on whatever happens to them."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from threading import Event
from typing import Final

import psycopg
from psycopg import Connection

import skillmeat
from benchmarks.soak.host import Host
from benchmarks.soak.options import Options
from benchmarks.soak.tally import Tally
from skillmeat.errors import SkillMeatError

SECONDS_BEFORE_NEXT_TRY: Final = 0.2
NAME: Final = "skillmeat soak"


@dataclass(frozen=True, slots=True)
class Soak:
    """What all threads of a run share; `began` is of the monotonic clock."""

    options: Options
    host: Host
    tally: Tally
    stop: Event
    began: float

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self.began


Turn = Callable[[Soak, Connection, Random], None]


def connected(soak: Soak, who: str) -> Connection:
    """A session in autocommit whose application name says who it is."""
    return skillmeat.connect(soak.host.url, autocommit=True, application_name=f"{NAME} {who}")


def take_turns(soak: Soak, who: str, turn: Turn, *, per_second: float) -> None:
    """Call `turn` again and again until the soak ends, with a new session after each loss."""
    choice = Random(f"{soak.options.seed} {who}")  # noqa: S311
    while not soak.stop.is_set():
        try:
            with connected(soak, who) as conn:
                _until_lost(soak, who, conn, turn, choice, per_second)
        except (psycopg.Error, SkillMeatError) as error:
            soak.tally.failed(who, error)
            soak.stop.wait(SECONDS_BEFORE_NEXT_TRY)


def _until_lost(  # noqa: PLR0913, PLR0917 - what a turn takes, and how often
    soak: Soak, who: str, conn: Connection, turn: Turn, choice: Random, per_second: float
) -> None:
    due = time.monotonic()
    while not soak.stop.is_set() and not conn.closed:
        try:
            turn(soak, conn, choice)
        except (psycopg.Error, SkillMeatError) as error:
            soak.tally.failed(who, error)
            with suppress(psycopg.Error):
                conn.rollback()
        # Who has fallen behind goes on at once, but does not catch up later.
        due = max(due + choice.expovariate(per_second), time.monotonic() - 1)
        soak.stop.wait(max(0.0, due - time.monotonic()))
