"""Removing what settling and refreshing leave dead, sooner than autovacuum would come."""

from typing import Final, LiteralString

from skillmeat.errors import translated
from skillmeat.query import Conn, scalar

LOGS: Final[LiteralString] = "count_changes, artifact_changes"
SNAPSHOT: Final[LiteralString] = "artifact_summaries_snapshot"

MAY_VACUUM: Final = """
    select pg_has_role(c.relowner, 'usage') from pg_class as c where c.oid = %(of)s::regclass
"""


def vacuum(conn: Conn, relations: LiteralString) -> bool:
    """Vacuum `relations` if the role owns them, and say whether it does; nobody waits.

    What is not its own is left to autovacuum. Needs autocommit.
    """
    of = relations.partition(",")[0]
    if not scalar(conn, MAY_VACUUM, {"of": of}):
        return False
    with translated():
        # Whoever holds one of them, an autovacuum most of all, is as good.
        conn.execute(f"vacuum (skip_locked) {relations}")
    return True
