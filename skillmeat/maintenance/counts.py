"""Whether counts are true, and how they are mended and settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from skillmeat.query import Conn, all_rows, scalar


@dataclass(frozen=True, slots=True)
class Drift:
    """A count that differs from COUNT(*).

    `counter` is `table.column`, `parent` the key of the row, `counted` what it says and `actual`
    what is true.
    """

    counter: str
    parent: str
    counted: int
    actual: int


DRIFT: Final = "select * from count_drift order by counter, parent"

DRIFT_OF: Final = """
    select *
    from count_drift
    where counter = %(counter)s and parent = any (%(parents)s)
    order by parent
"""


def drift(
    conn: Conn, *, counter: str | None = None, parents: Sequence[str] = ()
) -> tuple[Drift, ...]:
    """Every count that differs from the truth, in one snapshot; empty means healthy.

    With a `counter`, such as `collections.artifact_count`, only the counts of those `parents`, at
    the cost of their own children.
    """
    if counter is None:
        return all_rows(conn, Drift, DRIFT, {})
    return all_rows(conn, Drift, DRIFT_OF, {"counter": counter, "parents": list(parents)})


REPAIR: Final = "select * from repair_counts(%(counter)s, %(parents)s)"


def repair(
    conn: Conn, *, counter: str | None = None, parents: Sequence[str] | None = None
) -> tuple[Drift, ...]:
    """Recount what drifts, or what is named, while writers go on; return what was wrong.

    The rows of what is recounted are held until the transaction ends.
    """
    named = None if parents is None else list(parents)
    return all_rows(conn, Drift, REPAIR, {"counter": counter, "parents": named})


SETTLE: Final = "select settle_counts()"


def settle(conn: Conn) -> int:
    """Add pending counts to the settled ones; return how many stay pending for now.

    Needs READ COMMITTED.
    """
    return int(scalar(conn, SETTLE, {}))
