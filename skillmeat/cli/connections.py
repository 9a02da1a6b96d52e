"""Open the connections that commands share, and create a missing catalogue."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import typer
from psycopg import IsolationLevel

from skillmeat.cli.output import print_notice
from skillmeat.database.connection import connect
from skillmeat.database.query import Conn
from skillmeat.database.revision_state import get_status
from skillmeat.database.standbys import connect_for_reading, list_standbys
from skillmeat.database.time_limits import lift_time_limits
from skillmeat.errors import DatabaseError, NotMigrated, translate_errors

Result = TypeVar("Result")


@contextmanager
def open_snapshot(connect: Callable[[], Conn] = connect) -> Iterator[Conn]:
    """Open a read-only connection whose statements all see one snapshot: its totals add up."""
    with connect() as conn:
        conn.read_only = True
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        yield conn


def read(work: Callable[[Conn], Result]) -> Result:
    """Call `work` with a snapshot of a standby if SKILLMEAT_READ_URL names one, else the primary's.

    The primary answers if the standby fails, as when its recovery cancels a statement.
    """
    if list_standbys():
        with (
            suppress(DatabaseError, NotMigrated),
            translate_errors(),
            open_snapshot(connect_for_reading) as conn,
        ):
            return work(conn)
    with open_snapshot() as conn:
        return work(conn)


@contextmanager
def open_without_time_limits() -> Iterator[Conn]:
    """Open a connection in autocommit, for long work that keeps no session waiting."""
    with connect(autocommit=True) as conn:
        conn.isolation_level = IsolationLevel.READ_COMMITTED
        lift_time_limits(conn)
        yield conn


def create_catalogue(*, first: Callable[[], None] = lambda: None) -> None:
    """Create the catalogue if the schema has none; leave every upgrade to the operator.

    `first` runs before the migration. If it fails, no schema is left behind.
    """
    status = get_status()
    if status.current is not None:
        return
    from skillmeat import migration  # noqa: PLC0415 - slow to import, see cli/migrate.py

    first()
    migration.upgrade(report=print_notice)
    typer.echo(f"created the catalogue in schema {status.schema}", err=True)
