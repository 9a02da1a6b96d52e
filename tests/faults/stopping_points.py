"""Stages at which a session is stopped: by a lock of another session, never by a clock."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from typing import Any

from psycopg import Connection

import skillmeat
from tests.catalogue.sessions import eventually
from tests.faults.servers import is_cut

# Gates stop a session where no table lock can: each is an advisory lock.
GATES = """
create schema gates;

create function gates.pass(id text)
    returns text
    language plpgsql
    immutable
as $$
begin
    perform pg_advisory_xact_lock_shared(1);
    return id;
end;
$$;

create function gates.pass_row()
    returns trigger
    language plpgsql
as $$
begin
    perform pg_advisory_xact_lock_shared(2);
    return null;
end;
$$;

create index gate_idx on artifact_summaries_snapshot (gates.pass(id));

create constraint trigger zz_gate
    after insert or update on last_refresh
    deferrable initially deferred
    for each row execute function gates.pass_row();

-- In the order of names it comes after the trigger that settles.
create constraint trigger zz_gate
    after insert on count_changes
    deferrable initially deferred
    for each row execute function gates.pass_row();
"""

NO_GATES = """
set client_min_messages = warning;
drop schema gates cascade;
"""

CLOSE_INDEX_GATE = "select pg_advisory_xact_lock(1)"
CLOSE_COMMIT_GATE = "select pg_advisory_xact_lock(2)"

# The statement that holds a refresh at each of its phases, in order. The refresh's own advisory
# lock is not among them, because a refresh never waits for it.
REFRESHING = {
    "before it takes the changes": "lock table artifact_changes in share mode",
    "before it refreshes": "comment on materialized view artifact_summaries_snapshot is 'held'",
    "while it reads the catalogue": "lock table artifact_versions in access exclusive mode",
    "while it replaces rows": CLOSE_INDEX_GATE,
    "before it notes what it did": "lock table last_refresh in share mode",
}
COMMITTING = {"in its commit": CLOSE_COMMIT_GATE}


@contextmanager
def blocked_at(url: str, how: str) -> Iterator[Connection]:
    """Block other sessions during the block; the server may end this session earlier."""
    with closing(skillmeat.connect(url)) as holder:
        holder.execute(how)
        yield holder


def wait_until_blocked(
    observer: Connection, *, by: Connection, work: Future[Any] | None = None
) -> int:
    """Poll until a session waits for `by`; return its pid. Its work must not end before."""
    waiting = """
        select pid
        from pg_stat_activity
        where backend_type = 'client backend' and %s = any (pg_blocking_pids(pid))
    """

    def is_blocked() -> bool:
        assert work is None or not work.done(), f"it was not held up: {work and work.exception()}"
        return observer.execute(waiting, [by.info.backend_pid]).rowcount > 0

    eventually(is_blocked)
    row = observer.execute(waiting, [by.info.backend_pid]).fetchone()
    assert row is not None
    return int(row[0])


def wait_until_ended(observer: Connection, pid: int) -> None:
    """Poll until a session has ended."""
    there = "select from pg_stat_activity where pid = %s"
    eventually(lambda: observer.execute(there, [pid]).rowcount == 0)


def cancel(observer: Connection, pid: int) -> None:
    """Cancel the statement of a session."""
    observer.execute("select pg_cancel_backend(%s)", [pid])


def terminate(observer: Connection, pid: int) -> None:
    """End a session."""
    observer.execute("select pg_terminate_backend(%s)", [pid])


def kill(observer: Connection, pid: int) -> None:
    """Kill a session's process; return after the server has ended all other sessions."""
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: is_cut(observer))
