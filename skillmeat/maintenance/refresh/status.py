"""Statements about the snapshot: read its status, refresh it, vacuum after it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.sql import SQL, Identifier

from skillmeat.database.query import Conn, build_columns, fetch_one, fetch_scalar
from skillmeat.errors import translate_errors


@dataclass(frozen=True, slots=True)
class RefreshStatus:
    """How far the snapshot is behind, by the server's own clock.

    `changes` counts up to 100,000. `oldest_seconds` is the age of the oldest change, None if there
    is none. Pages bypass the snapshot if `everything_changed`, if it `has_too_many_changes`, or if
    it `is_replaced`: another session has refreshed or altered it since the last refresh. That
    refresh began at `refreshed_at`, took `refresh_seconds`, absorbed so many changes and ended
    `rest_seconds` ago; all four are None if there was none. `pending_counts` are not settled yet.
    `is_read_only` is true of a standby and of a server whose transactions are read-only by default.
    """

    changes: int
    oldest_seconds: float | None
    everything_changed: bool
    has_too_many_changes: bool
    is_populated: bool
    is_indexed: bool
    is_replaced: bool
    refreshed_at: datetime | None
    refresh_seconds: float | None
    absorbed: int | None
    rest_seconds: float | None
    pending_counts: int
    is_read_only: bool

    @property
    def age_seconds(self) -> float | None:
        """The seconds since the last refresh began, None if there was none."""
        if self.rest_seconds is None or self.refresh_seconds is None:
            return None
        return self.rest_seconds + self.refresh_seconds


STATUS: Final = SQL(
    """
    select {}
    from refresh_status()
    cross join (
        select
            pending_counts() as pending_counts,
            pg_is_in_recovery()
                or current_setting('default_transaction_read_only')::boolean as is_read_only
    ) as server
    """
).format(build_columns(RefreshStatus))


def get_refresh_status(conn: Conn) -> RefreshStatus:
    """Read how far the snapshot is behind; this takes less than a millisecond."""
    return fetch_one(conn, RefreshStatus, STATUS, {})


REFRESH: Final = "select refresh_artifact_summaries()"


def refresh_snapshot(conn: Conn) -> int | None:
    """Refresh the snapshot, and return how many changes it absorbed: 0 if nothing had changed.

    Returns None, without waiting, if another session is refreshing. Needs READ COMMITTED.
    """
    absorbed: int | None = fetch_scalar(conn, REFRESH, {})
    return absorbed


LOGS: Final = ("count_changes", "artifact_changes")
SNAPSHOT: Final = ("artifact_summaries_snapshot",)

IS_OWNER: Final = """
    select bool_and(pg_has_role(c.relowner, 'usage'))
    from pg_class as c
    where c.oid = any (%(relations)s::regclass[])
"""

# A relation that another session has locked, most likely an autovacuum worker, is skipped.
VACUUM: Final = SQL("vacuum (skip_locked) {}")


def vacuum(conn: Conn, relations: tuple[str, ...]) -> bool:
    """Vacuum `relations` if the role owns them, and return whether it does.

    The dead rows of a settle or a refresh then go sooner than by autovacuum, which vacuums the
    relations of other owners. Never waits for a lock. Needs autocommit.
    """
    if not fetch_scalar(conn, IS_OWNER, {"relations": list(relations)}):
        return False
    with translate_errors():
        conn.execute(VACUUM.format(SQL(", ").join(map(Identifier, relations))))
    return True
