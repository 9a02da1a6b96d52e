"""The waits and failures that counts may cause: those that docs/explanation/proofs.md lists."""

import re
from dataclasses import dataclass

from psycopg import IsolationLevel

from tests.isolation.permutations import Spec
from tests.isolation.sessions import Outcome

EDIT_OF_A_PARENT = r"(update|delete from) (collections|tags|groups|artifact_types)\b"
WRITE_OF_A_CHILD = (
    r"(insert into|update|delete from|truncate) "
    r"(collection_artifacts|groups|group_artifacts|artifact_tags|artifacts)\b"
    r"|delete from (collections|tags)\b"
)
TRUNCATE = r"\btruncate\b"
ALTERATION = r"alter table collections\b"
ADDITION_TO_A_PARENT = (
    r"references collections\b"
    r"|create (index|trigger)\b.* on (collections|tags|groups|artifact_types)\b"
)
REMOVAL_OF_A_CHILD = r"(update|delete from) collection_artifacts\b"
SETTLE = r"settle_counts"
REPAIR = r"repair_counts"

ANY = tuple(IsolationLevel)
ABOVE = (IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE)
SERIALIZABLE = (IsolationLevel.SERIALIZABLE,)


@dataclass(frozen=True, slots=True)
class Documented:
    """A step of `script` may wait for a script `beside`, or fail with `sqlstate` if that is given.

    It may do so at one of `levels`, if the other script is at one of `levels_beside`.
    """

    why: str
    script: str
    beside: str
    levels: tuple[IsolationLevel, ...] = ANY
    levels_beside: tuple[IsolationLevel, ...] = ANY
    sqlstate: str | None = None


DOCUMENTED = (
    Documented(
        why="TRUNCATE cannot count rows that its snapshot does not show",
        script=TRUNCATE,
        beside="",
        levels=ABOVE,
        sqlstate="40001",
    ),
    Documented(
        why="a count of the row was settled, or a child removed, after the snapshot was taken",
        script=EDIT_OF_A_PARENT,
        beside=f"{WRITE_OF_A_CHILD}|{SETTLE}",
        levels=ABOVE,
        sqlstate="40001",
    ),
    Documented(
        why="counting a child reads the row of its parent, which the other session edits",
        script=WRITE_OF_A_CHILD,
        beside=EDIT_OF_A_PARENT,
        levels=SERIALIZABLE,
        levels_beside=SERIALIZABLE,
        sqlstate="40001",
    ),
    Documented(
        why="it edits a row that the other session reads to count a child",
        script=EDIT_OF_A_PARENT,
        beside=WRITE_OF_A_CHILD,
        levels=SERIALIZABLE,
        levels_beside=SERIALIZABLE,
        sqlstate="40001",
    ),
    Documented(
        why="a session that settles or repairs a count holds the row lock",
        script=EDIT_OF_A_PARENT,
        beside=f"{SETTLE}|{REPAIR}",
    ),
    Documented(
        why="removing a child reads the row of its parent, whose table is being altered",
        script=REMOVAL_OF_A_CHILD,
        beside=ALTERATION,
    ),
    Documented(
        why="an alteration of the parent's table waits for a session that has removed a child",
        script=ALTERATION,
        beside=REMOVAL_OF_A_CHILD,
    ),
    Documented(
        why="a session that settles or repairs counts writes to the parent's table",
        script=ADDITION_TO_A_PARENT,
        beside=f"{SETTLE}|{REPAIR}",
    ),
    Documented(
        why="a repair waits for the lock of an index, a trigger or a foreign key",
        script=REPAIR,
        beside=ADDITION_TO_A_PARENT,
    ),
    Documented(
        why="a repair waits for the holder of the row: an edit, a settle or another repair",
        script=REPAIR,
        beside=f"{EDIT_OF_A_PARENT}|{SETTLE}|{REPAIR}",
    ),
)


def find_reason(spec: Spec, outcome: Outcome) -> str | None:
    """Return why a step may wait or fail because of counts, or None if that is not documented."""
    if outcome.wait is None and outcome.sqlstate is None:
        return None
    scripts = spec.scripts
    script = scripts[outcome.session]
    beside = outcome.wait.holders if outcome.wait else range(len(scripts))
    for each in DOCUMENTED:
        if (
            each.sqlstate == outcome.sqlstate
            and script.level in each.levels
            and re.search(each.script, " ".join(script.steps))
            and any(
                scripts[other].level in each.levels_beside
                and re.search(each.beside, " ".join(scripts[other].steps))
                for other in beside
                if other != outcome.session
            )
        ):
            return each.why
    return None
