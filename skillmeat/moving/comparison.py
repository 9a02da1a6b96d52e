"""Compare both copies, each in a snapshot of the same moment."""

from typing import Final

from psycopg.sql import SQL, Identifier

from skillmeat.database.query import Conn, fetch_tuples
from skillmeat.errors import SkillMeatError
from skillmeat.maintenance import list_count_drift, list_summary_drift
from skillmeat.migration.environment import Report
from skillmeat.moving.publications import list_copied_tables
from skillmeat.moving.side import run

# The sum is the same for any order of the rows and of the columns, on any version and any machine.
CONTENT: Final = SQL("""
    select
        count(*),
        coalesce(sum(('x' || left(md5(to_jsonb(t)::text), 16))::bit(64)::bigint::numeric), 0)
    from {} as t
""")


def compare_copies(old: Conn, new: Conn, *, report: Report) -> None:
    """Raise `SkillMeatError` if a table differs, or if a count or a summary of a copy drifts."""
    for conn in (old, new):
        run(conn, "set local timezone = 'UTC'")
    different = []
    rows = 0
    for table in list_copied_tables():
        statement = CONTENT.format(Identifier(table))
        (content,) = fetch_tuples(old, statement, {})
        if fetch_tuples(new, statement, {}) != [content]:
            different.append(table)
        rows += content[0]
    if different:
        message = f"the copies differ in {', '.join(different)}: look for errors in the new "
        raise SkillMeatError(message + "server's log")
    refuse_drift(old, copy="old copy")
    refuse_drift(new, copy="new copy")
    report(f"both copies have the same {rows:,} rows, and no count or summary drifts")


def verify_open_copy(new: Conn, *, report: Report) -> None:
    """Raise `SkillMeatError` if a count or a summary of the new copy drifts.

    Clients may have written to it since the switch, so its rows need not be those of the old copy.
    """
    refuse_drift(new, copy="new copy")
    report(
        "no count or summary of the new copy drifts; its rows are not compared with the old ones, "
        "as clients may have changed them since the switch"
    )


def refuse_drift(conn: Conn, *, copy: str) -> None:
    """Raise `SkillMeatError` if a count or a summary differs from the truth."""
    if drift := [*list_count_drift(conn), *list_summary_drift(conn)]:
        message = f"{len(drift)} counts and summaries of the {copy} drift: run `skillmeat repair`"
        raise SkillMeatError(message)
