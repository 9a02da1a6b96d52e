"""Removing what settling and refreshing leave dead, sooner than autovacuum would come."""

from typing import Final

from psycopg.sql import SQL, Identifier

from skillmeat.errors import translate_errors
from skillmeat.query import Conn, scalar

LOGS: Final = ("count_changes", "artifact_changes")
SNAPSHOT: Final = ("artifact_summaries_snapshot",)

MAY_VACUUM: Final = """
    select bool_and(pg_has_role(c.relowner, 'usage'))
    from pg_class as c
    where c.oid = any (%(relations)s::regclass[])
"""

# Whoever holds one of them, an autovacuum most of all, is as good.
VACUUM: Final = SQL("vacuum (skip_locked) {}")


def vacuum(conn: Conn, relations: tuple[str, ...]) -> bool:
    """Vacuum `relations` if the role owns them, and say whether it does; nobody waits.

    What is not its own is left to autovacuum. Needs autocommit.
    """
    if not scalar(conn, MAY_VACUUM, {"relations": list(relations)}):
        return False
    with translate_errors():
        conn.execute(VACUUM.format(SQL(", ").join(map(Identifier, relations))))
    return True
