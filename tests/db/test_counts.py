"""Every operation, at every isolation level: exact inside its transaction and after it."""

from contextlib import suppress

import pytest
from psycopg import Connection, IsolationLevel, errors, sql

from tests.db.conftest import LEVELS
from tests.db.operations import REPLACEMENTS, operations
from tests.db.oracle import differences, pending
from tests.db.sample import CHILDREN, Child

OPERATIONS = operations()
# One template writes the triggers of all counted tables; the others stand for these.
REPEATED = tuple(f"[{table}]" for table in ("groups", "group_artifacts", "artifact_tags"))


def is_repeated(operation: str, level: IsolationLevel) -> bool:
    """Return whether another table or, for a session that runs alone, another level is enough."""
    return (
        level is LEVELS[2]
        or (level is LEVELS[1] and operation.endswith(REPEATED))
        # A tagging has the keys of a membership.
        or operation.endswith("[artifact_tags]")
    )


@pytest.mark.parametrize(
    ("operation", "isolation"),
    [
        pytest.param(
            operation,
            level,
            marks=pytest.mark.exhaustive if is_repeated(operation, level) else (),
        )
        for level in LEVELS
        for operation in OPERATIONS
    ],
    ids=lambda value: value.name.lower() if isinstance(value, IsolationLevel) else value,
)
def test_the_views_are_exact_before_and_after_commit(
    sample: Connection, observer: Connection, isolation: IsolationLevel, operation: str
) -> None:
    sample.isolation_level = isolation

    found = before_and_after_commit(sample, OPERATIONS[operation])

    observer.execute("select settle_counts()")
    sample.rollback()
    assert (found, differences(sample), pending(sample)) == ([], [], 0)


@pytest.mark.parametrize("operation", REPLACEMENTS)
def test_a_key_reused_in_one_statement_counts_nothing_twice(
    sample: Connection, isolation: IsolationLevel, operation: str
) -> None:
    sample.isolation_level = isolation

    with suppress(errors.UniqueViolation, errors.ForeignKeyViolation):
        before_and_after_commit(sample, REPLACEMENTS[operation])

    sample.rollback()
    assert differences(sample) == []


@pytest.mark.parametrize("child", CHILDREN, ids=lambda child: child.table)
def test_copied_rows_are_counted(
    sample: Connection, isolation: IsolationLevel, child: Child
) -> None:
    sample.isolation_level = isolation
    statement = f"copy {child.table} ({child.columns}) from stdin (format csv, quote '''')"

    with sample.cursor() as cursor:
        with cursor.copy(sql.SQL(statement)) as copy:
            for row in child.fresh:
                copy.write(row.replace("', '", "','") + "\n")
        inside = differences(sample)
    sample.commit()

    assert (inside, differences(sample)) == ([], [])


@pytest.mark.parametrize(
    ("statement", "appended"),
    [
        ("update collection_artifacts set added_at = now() where collection_id = 'p'", []),
        (
            (
                "update collection_artifacts set collection_id = 'q' "
                "where collection_id = 'p' and artifact_id = 'skill:s1'"
            ),
            [("p", -1), ("q", 1)],
        ),
        (
            "update collection_artifacts set collection_id = 'empty' where collection_id = 'p'",
            [("empty", 4), ("p", -4)],
        ),
        ("update artifacts set title = 'T' where id = 'skill:s1'", []),
    ],
    ids=["an edit", "a move", "a move of many", "an edit of an artifact"],
)
def test_an_update_appends_one_change_for_each_count_that_differs(
    sample: Connection, statement: str, appended: list[tuple[str, int]]
) -> None:
    sample.execute(statement.encode())

    found = sample.execute("select parent, delta from count_changes order by 1, 2").fetchall()
    assert (found, differences(sample)) == (appended, [])


def test_what_is_rolled_back_is_not_counted(sample: Connection) -> None:
    wrong = {}

    for name, statements in OPERATIONS.items():
        sample.execute(statements)
        sample.rollback()
        wrong[name] = differences(sample)
        sample.rollback()

    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize("child", CHILDREN, ids=lambda child: child.table)
def test_many_transactions_leave_nothing_pending(sample: Connection, child: Child) -> None:
    sample.autocommit = True

    for row in child.fresh:
        sample.execute(f"insert into {child.table} ({child.columns}) values ({row})")
        sample.execute(f"delete from {child.table} where ({child.columns}) = ({row})")

    assert (pending(sample), differences(sample)) == (0, [])


def before_and_after_commit(conn: Connection, statements: str) -> list[str]:
    """Return the differences before the commit and those after it.

    A TRUNCATE above READ COMMITTED asks to be retried if anything on the server was committed
    since its snapshot, and other tests may share the server.
    """
    while True:
        try:
            conn.execute(statements)
            inside = differences(conn)
            conn.commit()
            return inside + differences(conn)
        except errors.SerializationFailure:
            conn.rollback()
