"""Write to one collection from several sessions at once, and observe which sessions wait."""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from skillmeat.catalogue import add_artifacts, get_collection
from skillmeat.database.connection import connect
from skillmeat.database.query import Conn
from skillmeat.errors import SkillMeatError, translate_errors

_LOOK_INTERVAL = 0.002
TIMEOUT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class WriterState:
    """A writer's session after all had written and before any committed.

    `counts` is the collection's count in its own transaction, `waited_for` the sessions that it
    was waiting for at any look; 0 if none of their pids was found.
    """

    pid: int
    state: str
    added: int
    counts: int
    waited_for: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ConcurrentWrites:
    """The writers, and the collection's count before, while all were open, and after."""

    writers: tuple[WriterState, ...]
    looks: int
    before: int
    while_open: int
    after: int


# No session has this pid.
_UNKNOWN = 0

# A waiting session has a blocking session or a lock that is not granted; either sign counts.
_LOOK = """
    select
        a.pid,
        a.state,
        pg_blocking_pids(a.pid) as waits_for,
        exists (select from pg_locks as l where l.pid = a.pid and not l.granted) as is_queued
    from pg_stat_activity as a
    where a.pid = any (%s)
"""


class _Observer:
    """The observed states of the sessions `pids`, and the sessions that they wait for."""

    def __init__(self, conn: Conn, pids: list[int]) -> None:
        self._conn = conn
        self._deadline = time.monotonic() + TIMEOUT_SECONDS
        self.looks = 0
        self.states: dict[int, str] = {}
        self.waited_for: dict[int, set[int]] = {pid: set() for pid in pids}

    def look(self) -> None:
        """Look at the sessions once."""
        self.looks += 1
        pids = list(self.waited_for)
        for pid, state, waits_for, is_queued in self._conn.execute(_LOOK, (pids,)):
            self.states[pid] = state
            self.waited_for[pid] |= set(waits_for)
            # The session that held the lock may have released it: then no pid is left.
            if is_queued and not self.waited_for[pid]:
                self.waited_for[pid] = {_UNKNOWN}
            elif len(self.waited_for[pid]) > 1:
                self.waited_for[pid].discard(_UNKNOWN)

    def watch(self, work: Iterable[Future[Any]]) -> None:
        """Look until all `work` is done. Raises `SkillMeatError` after `TIMEOUT_SECONDS`."""
        while wait(work, timeout=_LOOK_INTERVAL).not_done:
            self.look()
            if time.monotonic() > self._deadline:
                waits = [f"{pid} waits for {each}" for pid, each in self.waited_for.items() if each]
                message = f"adding is not wait-free here: {'; '.join(waits) or 'writers hang'}"
                raise SkillMeatError(message)
        self.look()


def write_concurrently(
    url: str, collection_id: str, shares: Sequence[Sequence[str]]
) -> ConcurrentWrites:
    """Add each share of artifacts to a collection in a session of its own, all open at once.

    No session commits before all have written. If a session waits for another, all are cancelled,
    and `SkillMeatError` names which session waited for which.
    """
    with ExitStack() as stack, translate_errors():
        threads = stack.enter_context(ThreadPoolExecutor(len(shares) or 1))
        reader = stack.enter_context(connect(url, autocommit=True))
        sessions = [stack.enter_context(connect(url)) for _ in shares]
        pids = [session.info.backend_pid for session in sessions]
        observer = _Observer(reader, pids)
        before = _read_count(reader, collection_id)
        try:
            writing = [
                threads.submit(add_artifacts, session, collection_id, share)
                for session, share in zip(sessions, shares, strict=True)
            ]
            observer.watch(writing)
            added = [each.result() for each in writing]
            states = dict(observer.states)
            while_open = _read_count(reader, collection_id)
            committing = [threads.submit(session.commit) for session in sessions]
            observer.watch(committing)
            for each in committing:
                each.result()
        except BaseException:
            for session in sessions:
                session.cancel_safe()
            raise
        after = _read_count(reader, collection_id)
    writers = tuple(
        WriterState(
            pid, states[pid], each.added, each.artifact_count, tuple(observer.waited_for[pid])
        )
        for pid, each in zip(pids, added, strict=True)
    )
    return ConcurrentWrites(writers, observer.looks, before, while_open, after)


def _read_count(conn: Conn, collection_id: str) -> int:
    found = get_collection(conn, collection_id)
    return found.artifact_count if found else 0
