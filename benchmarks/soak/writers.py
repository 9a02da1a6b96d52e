"""Sessions that write: one transaction a turn, of one to three operations."""

import time
from random import Random
from typing import Final, TypeVar

from psycopg import Connection, IsolationLevel

from benchmarks.soak.dataset import some_artifact, some_collection, some_tag
from benchmarks.soak.sessions import Soak
from benchmarks.soak.writes import WEIGHTS

LEVELS: Final = {
    IsolationLevel.READ_COMMITTED: 8,
    IsolationLevel.REPEATABLE_READ: 1,
    IsolationLevel.SERIALIZABLE: 1,
}
ROLLED_BACK: Final = 0.05
LEFT_OPEN: Final = 0.01
SECONDS_LEFT_OPEN: Final = 3.0
UNDONE: Final = 0.05

Kind = TypeVar("Kind")


def write(soak: Soak, conn: Connection, choice: Random) -> None:
    """Run a transaction to its commit or rollback; some stay open for a while before that."""
    conn.isolation_level = _one_of(LEVELS, choice)
    with conn.transaction(force_rollback=choice.random() < ROLLED_BACK) as transaction:
        for _ in range(choice.randint(1, 3)):
            with conn.transaction(force_rollback=choice.random() < UNDONE):
                values = _values(soak, choice)
                for statement in _one_of(WEIGHTS, choice):
                    conn.execute(statement, values)
        if choice.random() < LEFT_OPEN:
            soak.stop.wait(choice.random() * SECONDS_LEFT_OPEN)
    soak.tally.add("rollbacks" if transaction.force_rollback else "commits")


def _one_of(weights: dict[Kind, int], choice: Random) -> Kind:
    return choice.choices(list(weights), weights=list(weights.values()))[0]


def _values(soak: Soak, choice: Random) -> dict[str, str]:
    options = soak.options
    return {
        "artifact": some_artifact(choice, options),
        "another": some_artifact(choice, options),
        "collection": some_collection(choice, options),
        "other": some_collection(choice, options),
        "tag": some_tag(choice),
        "tag2": some_tag(choice),
        "group": f"g{choice.randrange(3)}",
        "text": f"{choice.random()} {time.monotonic_ns()}",
    }
