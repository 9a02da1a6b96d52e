"""Positions in the write-ahead log: what a commit has written, and what a standby has replayed."""

import re
import time
from dataclasses import dataclass, replace
from typing import Final, Self

from psycopg.sql import SQL

from skillmeat.database.query import Conn, fetch_one, fetch_tuples

# A standby on the same network replays a commit within a few milliseconds.
REPLAY_TIMEOUT: Final = 0.05
_FIRST_PAUSE: Final = 0.001
_LONGEST_PAUSE: Final = 0.008

# A commit is flushed before it returns, so the flushed position includes it. The insert position
# may be ahead, in log that no standby gets before the next flush. With synchronous_commit = off
# only the insert position includes the commit.
_LSN: Final = SQL("""
    select (
        case
            when pg_is_in_recovery() then pg_last_wal_replay_lsn()
            when current_setting('synchronous_commit') = 'off' then pg_current_wal_insert_lsn()
            else pg_current_wal_flush_lsn()
        end
        - '0/0'
    )::bigint
""")
_RECEIVED_TIMELINE: Final = SQL("(pg_stat_get_wal_receiver()).received_tli")
_WRITTEN_TIMELINE: Final = SQL(
    "('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer"
)
# A standby may read the timeline too low, never too high: its last restart point, what it has
# flushed, or what its receiver follows, which only a member of pg_read_all_stats sees. It is read
# after the position, because the receiver follows a timeline before any of its log is replayed.
_POSITION: Final = SQL("""
    select
        (pg_control_system()).system_identifier as system,
        ({lsn}) as lsn,
        case
            when pg_is_in_recovery() then greatest(
                (pg_control_checkpoint()).timeline_id,
                (pg_control_recovery()).min_recovery_end_timeline,
                {received}
            )
            else {written}
        end as timeline
""").format(lsn=_LSN, received=_RECEIVED_TIMELINE, written=_WRITTEN_TIMELINE)
# What changes within a session, without the control file: a promotion closes no session.
_CHANGES: Final = SQL("""
    select ({lsn}), case when pg_is_in_recovery() then {received} else {written} end
""").format(lsn=_LSN, received=_RECEIVED_TIMELINE, written=_WRITTEN_TIMELINE)
_TEXT: Final = re.compile(r"([0-9]{1,20})-([0-9]{1,9})-([0-9A-F]{1,8})/([0-9A-F]{1,8})")


@dataclass(frozen=True, slots=True)
class Position:
    """A position in the write-ahead log that the servers of one cluster share.

    `system` identifies the cluster. A failover begins the next `timeline`. `str()` writes the form
    that `parse` reads.
    """

    system: int
    timeline: int
    lsn: int

    def __str__(self) -> str:
        """Return SYSTEM-TIMELINE-LSN, with the LSN as PostgreSQL writes it."""
        return f"{self.system}-{self.timeline}-{self.lsn >> 32:X}/{self.lsn & 0xFFFFFFFF:X}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Parse what `str()` has written; None for any other text."""
        found = _TEXT.fullmatch(text)
        if found is None:
            return None
        system, timeline, high, low = found.groups()
        return cls(int(system), int(timeline), int(high, 16) << 32 | int(low, 16))

    def includes(self, other: "Position") -> bool:
        """Return whether a server at this position has every commit up to the other.

        False for the position of another cluster, and for one of a later timeline: a server that
        follows a former primary may be ahead, without the commits of the present one.
        """
        return (
            self.system == other.system
            and self.timeline >= other.timeline
            and self.lsn >= other.lsn
        )

    def is_forked_from(self, primary: "Position") -> bool:
        """Return whether a server at this position no longer follows the primary.

        A promotion begins a timeline, so a standby is never on a later one than its primary. Such a
        server may be ahead of the primary, without its commits.
        """
        return self.timeline > primary.timeline


def get_position(conn: Conn, *, known: Position | None = None) -> Position:
    """Return the position of the server.

    On a primary, it includes every commit of this session and every other commit that returned
    before the call. On a standby, it is what the standby has replayed. `known`, an earlier position
    of the same session, saves the server from reading its control file. Only a member of
    pg_read_all_stats then sees that a standby follows another primary since.
    """
    if known is not None:
        [(lsn, timeline)] = fetch_tuples(conn, _CHANGES, {})
        return replace(known, lsn=lsn, timeline=max(known.timeline, timeline or 0))
    return fetch_one(conn, Position, _POSITION, {})


def wait_for_position(
    conn: Conn,
    position: Position,
    *,
    timeout: float = REPLAY_TIMEOUT,
    known: Position | None = None,
) -> Position | None:
    """Wait until the server includes `position`, and return its own; None after `timeout` seconds.

    The next statement on `conn`, which must be in autocommit, sees every commit up to the position.
    `known` is as for `get_position`. A wait in one statement would keep a snapshot, and replay
    waits for the snapshots of readers.
    """
    deadline = time.monotonic() + timeout
    pause = _FIRST_PAUSE
    while not (found := get_position(conn, known=known)).includes(position):
        left = deadline - time.monotonic()
        if found.system != position.system or left <= 0:
            return None
        if found.timeline < position.timeline:
            known = None
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE)
    return found
