"""Mend what differs from the revision, in one transaction, while writers go on."""

import time
from dataclasses import dataclass

from skillmeat.connection import connect
from skillmeat.errors import Retry, SkillMeatError, translate_errors
from skillmeat.maintenance.refresh import refresh_snapshot
from skillmeat.migration.commands import ATTEMPTS, PAUSE_SECONDS, status
from skillmeat.migration.schema_diff.check import Checked, beside, expected
from skillmeat.migration.schema_diff.difference import Difference
from skillmeat.query import Conn, fetch_scalar

SNAPSHOT = "artifact_summaries_snapshot"
# While one of these was not as it should be, counts and summaries may have drifted.
KEEPING = ("trigger", "function", "table", "column", "constraint", "rule", "policy", "operator")


@dataclass(frozen=True, slots=True)
class Failure:
    """A difference that its statements did not mend, and why."""

    difference: Difference
    reason: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was mended, what was not, and what differs now.

    `may_have_drifted` says that counts and summaries want a repair.
    """

    mended: tuple[Difference, ...]
    failed: tuple[Failure, ...]
    left: Checked

    @property
    def may_have_drifted(self) -> bool:
        """Whether something that keeps counts and summaries true was not as it should be."""
        return any(each.kind in KEEPING for each in self.mended)


def fix(*, url: str | None = None, schema: str | None = None) -> Fixed:
    """Mend a schema, as its owner, and check it again; one process at a time, as migrations do.

    What cannot be mended is undone by itself and comes back as a failure. Raises what `check`
    raises, and `Retry` if a lock stays taken.
    """
    found = status(url=url, schema=schema)
    with connect(url, schema=found.schema, autocommit=True) as conn:
        wait_for_turn(conn, found.schema)
        wanted = expected(conn, found)
        first = beside(conn, wanted, found)
        mended, failed = mend_all(conn, first)
        if any(SNAPSHOT in statement for each in mended for statement in each.mend):
            # A grant or a new body leaves the mark of a stranger on it: pages would be read live.
            refresh_snapshot(conn)
        return Fixed(mended, failed, beside(conn, wanted, found))


def wait_for_turn(conn: Conn, schema: str) -> None:
    """Take the turn of migrations, for as long as the connection lasts."""
    turn = "select pg_try_advisory_lock(hashtext('skillmeat migrate'), hashtext(%(schema)s))"
    while not fetch_scalar(conn, turn, {"schema": schema}):
        time.sleep(PAUSE_SECONDS)


def mend_all(conn: Conn, found: Checked) -> tuple[tuple[Difference, ...], tuple[Failure, ...]]:
    """Run every mend in one transaction, again if a lock stays taken: what it mended, and not."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with translate_errors(), conn.transaction():
                # Later statements queue behind one that waits for a lock.
                conn.execute("set local lock_timeout = '100ms'")
                failed = tuple(
                    Failure(each, reason)
                    for each in found.differences
                    if (reason := mend(conn, each)) is not None
                )
            break
        except Retry:
            if attempt == ATTEMPTS:
                raise
            time.sleep(PAUSE_SECONDS)
    undone = [each.difference for each in failed]
    return tuple(each for each in found.differences if each not in undone), failed


def mend(conn: Conn, difference: Difference) -> str | None:
    """Run the statements of one mend; why that failed, and nothing is changed, or None."""
    if not difference.mend:
        return "no statement mends it"
    try:
        with translate_errors(), conn.transaction():
            for statement in difference.mend:
                conn.execute(statement.encode())
    except Retry:
        raise
    except SkillMeatError as error:
        return str(error)
    return None
