"""Every interleaving of random scripts is exact. A failure names its seed."""

import random
from collections.abc import Sequence

import pytest
from psycopg import IsolationLevel

from tests.isolation.permutations import Script, Spec
from tests.isolation.scripts import (
    COMMITTED,
    HOUSEKEEPERS,
    IMPORT,
    REPEATABLE,
    SERIALIZABLE,
    WRITERS,
    transaction,
)
from tests.isolation.sessions import SessionGroup
from tests.isolation.test_pairs import summarize_proof

SEEDS = 100

WRITES = [
    *(each for name, pair in WRITERS.items() if name != "import" for each in pair),
    "; ".join(IMPORT),
    "update artifact_types set type = 'n' where type = 'skill'",
    "update artifacts set type = 'agent' where name = 's2'",
    "update tags set id = 'n' where id = 'p'",
    "delete from tags where id = 'p'",
    "update groups set collection_id = 'p' where id = 'q3'",
    "update collections set id = 'n' where id = 'default'",
    "delete from group_artifacts where group_id = 'gp'",
    "truncate artifacts cascade",
    "set constraints all immediate",
]
HOUSEKEEPING = [each for pair in HOUSEKEEPERS.values() for each in pair]
PENDING = (
    "update artifacts set license = 'MIT' where name = 'a3'",
    """
    begin isolation level repeatable read;
    insert into collection_artifacts (collection_id, artifact_id)
    values ('p', 'agent:a3'), ('q', 'skill:s4');
    commit
    """,
)


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_scripts_are_exact_in_every_order(
    ours: SessionGroup, control: SessionGroup, seed: int
) -> None:
    spec = draw_spec(seed)

    assert summarize_proof(spec, ours, control) == ([], spec.schedules, True)


def draw_spec(seed: int) -> Spec:
    """Return two scripts of up to two statements, or three scripts of one statement.

    Each of two scripts has a random level. Three scripts are READ COMMITTED: if they kept their
    snapshots, they would have 1,680 interleavings.
    """
    choice = random.Random(seed)  # noqa: S311
    size = choice.choice((2, 2, 3))
    levels = (COMMITTED, COMMITTED, REPEATABLE, SERIALIZABLE) if size == 2 else (COMMITTED,)
    return Spec(tuple(_script(choice, levels, most=4 - size) for _ in range(size)), setup=PENDING)


def _script(choice: random.Random, levels: Sequence[IsolationLevel], *, most: int) -> Script:
    level = choice.choice(levels)
    known = WRITES + HOUSEKEEPING if level is COMMITTED else WRITES
    statements = choice.sample(known, k=choice.randint(1, most))
    end = "rollback" if choice.random() < 0.2 else "commit"
    return transaction("; ".join(statements), statements, level=level, end=end)
