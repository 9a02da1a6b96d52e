"""Sessions that run one step at a time, and the locks that each of them waits for."""

import select
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from psycopg import Connection
from psycopg.pq import ExecStatus, TransactionStatus

import skillmeat

# The time to wait for an answer before the observer asks which sessions are blocked.
SECONDS_BETWEEN_LOOKS = 0.002

# For each process that waits: the blockers and the locks. A process that waits for a transaction
# holds the lock of the tuple.
WAITS = """
select
    w.pid,
    w.blockers,
    array(
        select concat_ws(' ', l.mode, l.locktype, l.relation::regclass, (l.page, l.tuple))
        from pg_locks as l
        where l.pid = w.pid and (not l.granted or l.locktype = 'tuple')
        order by l.granted, 1
    )
from (select pid, pg_blocking_pids(pid) as blockers from unnest(%s::int[]) as pid offset 0) as w
where cardinality(w.blockers) > 0
"""


@dataclass(frozen=True, slots=True)
class Wait:
    """The sessions that hold a lock that a session waits for, and these locks."""

    holders: tuple[int, ...]
    locks: tuple[str, ...] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a session's step: it is done, it failed with an SQLSTATE, or it waits."""

    session: int
    step: int
    sqlstate: str | None = None
    wait: Wait | None = None
    message: str = field(default="", compare=False)

    def __str__(self) -> str:
        what = f"fails with {self.sqlstate} ({self.message})" if self.sqlstate else "is done"
        if self.wait:
            what = f"waits for {self.wait.holders} ({'; '.join(self.wait.locks)})"
        return f"step {self.step} of session {self.session} {what}"


class Session:
    """A connection that runs a step without waiting for its end."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.pid = conn.info.backend_pid
        self.step = -1
        self.is_busy = False
        self.wait: Wait | None = None
        self._failure: tuple[str | None, str] = (None, "")

    def send(self, statements: str) -> None:
        """Start the next step."""
        self.conn.pgconn.send_query(statements.encode())
        self.step += 1
        self.is_busy = True
        self.wait = None

    def has_answered(self) -> bool:
        """Return whether the step has ended."""
        self.conn.pgconn.consume_input()
        # A notice brings the results of earlier statements, while the step may still wait.
        while not self.conn.pgconn.is_busy():
            if not self._read_result():
                return True
        return False

    def answer(self) -> tuple[str | None, str]:
        """Return the SQLSTATE and message of a failed step, or None; roll back after a failure."""
        while self._read_result():
            pass
        failure, self._failure = self._failure, (None, "")
        self.is_busy = False
        if failure[0]:
            self.conn.execute("rollback")
        return failure

    def _read_result(self) -> bool:
        """Read the result of a statement, and keep its error; return whether there was one."""
        result = self.conn.pgconn.get_result()
        if result is not None and result.status == ExecStatus.FATAL_ERROR:
            sqlstate = (result.error_field(ord("C")) or b"?").decode()
            self._failure = (sqlstate, result.error_message.decode().partition("\n")[0])
        return result is not None

    @property
    def is_in_transaction(self) -> bool:
        """Whether it has an open transaction and runs no statement."""
        return not self.is_busy and self.conn.info.transaction_status == TransactionStatus.INTRANS


class SessionGroup:
    """Sessions on one catalogue, and an observer of them."""

    def __init__(self, url: str, *, size: int) -> None:
        self.opened = ExitStack()
        self.observer = self._connect(url)
        self.sessions = [Session(self._connect(url)) for _ in range(size)]
        for session in self.sessions:
            # So early that the session that waits first checks before the deadlock exists. Then the
            # session that completes the deadlock is always the one that fails.
            session.conn.execute("set deadlock_timeout = '1ms'")
        self.observer.execute("set lock_timeout = '1ms'")

    def _connect(self, url: str) -> Connection:
        return self.opened.enter_context(skillmeat.connect(url, autocommit=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.opened.close()

    def clear(self) -> None:
        """Roll back every open transaction and begin at the first step again."""
        for session in self.sessions:
            if session.is_busy:
                session.conn.cancel_safe()
                session.answer()
        for session in self.sessions:
            session.conn.execute("rollback")
            session.step = -1
            session.wait = None

    def wait_for_all(self) -> frozenset[Outcome]:
        """Wait until every session has answered or waits for another; return what is new."""
        outcomes = []
        while busy := [each for each in self.sessions if each.is_busy]:
            select.select([each.conn.fileno() for each in busy], [], [], SECONDS_BETWEEN_LOOKS)
            answered = [each for each in busy if each.has_answered()]
            for each in answered:
                which = self.sessions.index(each)
                sqlstate, message = each.answer()
                outcomes.append(Outcome(which, each.step, sqlstate=sqlstate, message=message))
            if answered:
                continue

            waits = self._waits(busy)
            if len(waits) == len(busy) and not is_deadlock(waits):
                for which, wait in waits.items():
                    if self.sessions[which].wait != wait:
                        self.sessions[which].wait = wait
                        outcomes.append(Outcome(which, self.sessions[which].step, wait=wait))
                break
        return frozenset(outcomes)

    def _waits(self, busy: Iterable[Session]) -> dict[int, Wait]:
        numbers = {each.pid: number for number, each in enumerate(self.sessions)}
        pids = [each.pid for each in busy]
        return {
            numbers[pid]: Wait(tuple(sorted({numbers[each] for each in blockers})), tuple(locks))
            for pid, blockers, locks in self.observer.execute(WAITS, [pids])
            # Other processes, such as autovacuum, release their locks soon.
            if numbers.keys() >= set(blockers)
        }


def is_deadlock(waits: dict[int, Wait]) -> bool:
    """Return whether sessions wait for each other in a circle; the server will end one of them."""
    waiting = set(waits)
    while free := {each for each in waiting if not waiting & set(waits[each].holders)}:
        waiting -= free
    return bool(waiting)
