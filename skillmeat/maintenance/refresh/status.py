"""How far the snapshot is behind, and the statement that refreshes it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillmeat.query import Conn, one_row, scalar


@dataclass(frozen=True, slots=True)
class Status:
    """How far the snapshot is behind, by the server's own clock.

    `changes` counts up to 100,000, and `oldest_seconds` is the age of the oldest, None where there
    is none. `is_crowded` says that so many changes have gathered that pages do without the
    snapshot, and so does `is_replaced`: that somebody else has refreshed or altered it since. The
    last refresh began at `refreshed_at`, took `refresh_seconds`, absorbed so many
    changes and ended `rest_seconds` ago: None for all four where there was none. `pending_counts`
    are not settled yet. `is_read_only` is true of a standby, and of whatever else takes no writes
    unless told to.
    """

    changes: int
    oldest_seconds: float | None
    everything_changed: bool
    is_crowded: bool
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
        """How long ago the last refresh began, None where there was none."""
        if self.rest_seconds is None or self.refresh_seconds is None:
            return None
        return self.rest_seconds + self.refresh_seconds


STATUS: Final = """
    select
        s.*,
        pending_counts() as pending_counts,
        pg_is_in_recovery()
            or current_setting('default_transaction_read_only')::boolean as is_read_only
    from refresh_status() as s
"""


def status(conn: Conn) -> Status:
    """Ask how far the snapshot is behind; costs less than a millisecond."""
    found = one_row(conn, Status, STATUS, {})
    assert found is not None  # noqa: S101 - the statement always returns a row
    return found


REFRESH: Final = "select refresh_artifact_summaries()"


def refresh(conn: Conn) -> int | None:
    """Refresh the snapshot, and return how many changes it absorbed: 0 if there was nothing to do.

    None if another session is refreshing just then. Nobody waits for it. Needs READ COMMITTED.
    """
    absorbed: int | None = scalar(conn, REFRESH, {})
    return absorbed
