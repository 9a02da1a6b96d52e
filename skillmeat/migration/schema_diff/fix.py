"""Fix the differences from the revision while writers continue: the tables, the rest, triggers."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from skillmeat.database.connection import connect
from skillmeat.database.query import Conn
from skillmeat.database.revision_state import get_status
from skillmeat.errors import Retry, SkillMeatError, translate_errors
from skillmeat.maintenance.refresh import refresh_snapshot
from skillmeat.migration.advisory_lock import acquire_migration_lock
from skillmeat.migration.environment import Report, log_warning
from skillmeat.migration.schema_diff.check import (
    PHASES,
    CheckResult,
    compare,
    prepare_session,
    read_expected_objects,
)
from skillmeat.migration.schema_diff.difference import Difference

# A statement that waits for a lock makes later ones wait behind it: short attempts are repeated.
ATTEMPTS = 150
PAUSE_SECONDS = 0.2

SNAPSHOT = "artifact_summaries_snapshot"
WITHOUT_EFFECT = "its statements had no effect: run them as the owner of the schema"
# If one of these differed, counts and summaries may have drifted meanwhile.
MAINTAINING = ("trigger", "function", "table", "column", "constraint", "rule", "policy", "operator")


@dataclass(frozen=True, slots=True)
class FixFailure:
    """A difference that its statements did not fix, and why."""

    difference: Difference
    reason: str


@dataclass(frozen=True, slots=True)
class FixResult:
    """The fixed differences, the failed ones, and the differences that remain."""

    fixed: tuple[Difference, ...]
    failed: tuple[FixFailure, ...]
    remaining: CheckResult

    @property
    def may_have_drifted(self) -> bool:
        """Whether something that maintains counts and summaries had to be fixed."""
        return any(each.kind in MAINTAINING for each in self.fixed)


def fix_schema(
    *,
    url: str | None = None,
    schema: str | None = None,
    report: Report = log_warning,
) -> FixResult:
    """Fix a schema, as its owner, and check it again; one process at a time, as migrations do.

    Tables are fixed in one transaction, views, functions and indexes in a second one, triggers and
    grants in a third. A fix that fails is rolled back alone and returned as a failure, and so are
    all of a transaction if a lock stays taken. Raises what `check_schema` raises, and `Retry` if
    nothing could be fixed because of a lock.
    """
    found = get_status(url=url, schema=schema)
    with connect(url, schema=found.schema, autocommit=True) as conn:
        prepare_session(conn)
        acquire_migration_lock(conn, found.schema, report=report)
        expected = read_expected_objects(conn, found)
        fixed: list[Difference] = []
        failed: list[FixFailure] = []
        for phase in PHASES:
            differences = compare(conn, expected, found, phase).differences
            try:
                failures = _apply_fixes(conn, differences)
            except Retry as error:
                if not fixed:
                    raise
                failures = [FixFailure(each, str(error)) for each in differences]
            unfixed = [each.difference for each in failures]
            fixed += [each for each in differences if each not in unfixed]
            failed += failures
        if any(SNAPSHOT in statement for each in fixed for statement in each.statements):
            # A new grant or body makes the snapshot look altered, and pages would bypass it.
            refresh_snapshot(conn)
        remaining = compare(conn, expected, found)
        # For a GRANT that the role may not give, PostgreSQL only warns.
        without_effect = [each for each in fixed if each in remaining.differences]
        return FixResult(
            tuple(each for each in fixed if each not in without_effect),
            (*failed, *(FixFailure(each, WITHOUT_EFFECT) for each in without_effect)),
            remaining,
        )


def apply_fix(conn: Conn, difference: Difference) -> str | None:
    """Run the statements that fix a difference; return why they failed, or None.

    A failure changes nothing.
    """
    if not difference.statements:
        return "no statement fixes it"
    try:
        with translate_errors(), conn.transaction():
            # A function may be created before one that it calls.
            conn.execute("set local check_function_bodies = off")
            for statement in difference.statements:
                conn.execute(statement.encode())
    except Retry:
        raise
    except SkillMeatError as error:
        return str(error)
    return None


def _apply_fixes(conn: Conn, differences: Sequence[Difference]) -> list[FixFailure]:
    """Fix these in one transaction, retry while a lock is taken; return what failed."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with translate_errors(), conn.transaction():
                # Later statements queue behind one that waits for a lock.
                conn.execute("set local lock_timeout = '100ms'")
                return [
                    FixFailure(each, reason)
                    for each in differences
                    if (reason := apply_fix(conn, each)) is not None
                ]
        except Retry:
            if attempt == ATTEMPTS:
                raise
            time.sleep(PAUSE_SECONDS)
    return []
