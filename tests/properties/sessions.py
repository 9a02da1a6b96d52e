"""Several sessions, each in its own transaction or in none, and an observer of them all."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from psycopg import Connection, IsolationLevel, errors

from tests.db.conftest import LEVELS
from tests.db.oracle import differences, has_duplicates
from tests.db.sample import restore
from tests.shared_sessions import SharedSessions

SESSIONS = 3
WHICH = st.integers(0, SESSIONS - 1)

# Refusals that any schema with these keys and foreign keys would have. A wait is a refusal too,
# because one thread drives all sessions.
ABORTED = (errors.SerializationFailure, errors.DeadlockDetected, errors.InvalidTransactionState)
REFUSED = (errors.IntegrityError, errors.LockNotAvailable, errors.CardinalityViolation)


class Sessions(RuleBasedStateMachine):
    """The transaction commands and the housekeeping that each session may run."""

    shared: SharedSessions

    def __init__(self) -> None:
        super().__init__()
        self.shared.rollback()
        self.observer = self.open("observer")
        restore(self.observer)
        self.sessions = [self.open(f"session {each}") for each in range(SESSIONS)]

    def open(self, name: str) -> Connection:
        """Return a session that fails at once instead of waiting."""
        conn = self.shared(name)
        conn.execute("set lock_timeout = '5ms'")
        return conn

    def teardown(self) -> None:
        for conn in self.sessions:
            conn.execute("rollback")
        found = differences(self.observer)
        self.observer.execute("select settle_counts()")
        found += differences(self.observer)
        assert found == []

    def run(self, which: int, statement: str, **values: object) -> None:
        """Run a statement; a refusal rolls back the statement, or the transaction if it must."""
        conn = self.sessions[which]
        inside = conn.info.transaction_status.name == "INTRANS"
        try:
            if inside:
                conn.execute("savepoint s")
            conn.execute(statement, values)
            if inside:
                conn.execute("release s")
        except ABORTED:
            conn.execute("rollback")
        except REFUSED:
            if inside:
                conn.execute("rollback to s")

    @rule(which=WHICH, level=st.sampled_from(LEVELS))
    def begin(self, which: int, level: IsolationLevel) -> None:
        if self.sessions[which].info.transaction_status.name == "IDLE":
            name = level.name.replace("_", " ")
            self.sessions[which].execute(f"begin isolation level {name}")

    @rule(which=WHICH)
    def commit(self, which: int) -> None:
        try:
            self.sessions[which].execute("commit")
        except ABORTED:
            self.sessions[which].execute("rollback")

    @rule(which=WHICH)
    def roll_back(self, which: int) -> None:
        self.sessions[which].execute("rollback")

    @rule(which=WHICH, mode=st.sampled_from(("immediate", "deferred")))
    def set_constraints(self, which: int, mode: str) -> None:
        self.run(which, f"set constraints all {mode}")

    @rule(which=WHICH)
    def settle(self, which: int) -> None:
        self.run(which, "select settle_counts()")

    @rule(which=WHICH)
    def repair(self, which: int) -> None:
        self.run(which, "select repair_counts()")

    @rule(which=WHICH)
    def refresh(self, which: int) -> None:
        self.run(which, "select refresh_artifact_summaries()")

    @rule(which=WHICH, how=st.sampled_from(("", "concurrently")))
    def refresh_by_hand(self, which: int, how: str) -> None:
        self.run(which, f"refresh materialized view {how} artifact_summaries_snapshot")

    @rule(which=WHICH)
    def repair_summaries(self, which: int) -> None:
        self.run(which, "select repair_summaries()")

    @invariant()
    def no_snapshot_shows_drift(self) -> None:
        try:
            assert differences(self.observer) == []
        except errors.LockNotAvailable:
            return  # a TRUNCATE is open: no session can read

    @invariant()
    def no_session_sees_drift(self) -> None:
        for which, conn in enumerate(self.sessions):
            if conn.info.transaction_status.name == "INTRANS":
                self.look(which)

    def look(self, which: int) -> None:
        """Compare the views with the oracle in the snapshot of a session."""
        conn = self.sessions[which]
        try:
            conn.execute("savepoint s")
            found = [] if has_duplicates(conn) else differences(conn)
            conn.execute("release s")
        except errors.LockNotAvailable:
            conn.execute("rollback to s")
        except ABORTED:
            conn.execute("rollback")
        else:
            assert found == []
