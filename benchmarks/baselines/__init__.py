"""What a user could pick instead: each the SQL that installs it in a catalogue without ours."""

from pathlib import Path
from typing import Final

from psycopg import Connection

HERE: Final = Path(__file__).parent


def install(conn: Connection, *names: str) -> None:
    """Run the files of these names in the schema of the session."""
    for name in names:
        conn.execute((HERE / f"{name}.sql").read_bytes())


def install_readable(conn: Connection) -> None:
    """What the rungs for reading need, over a full catalogue whose counts are settled."""
    install(conn, "without_counts_and_log", "row_trigger", "summary_table", "plain_matviews")
    if has_ivm(conn):
        install(conn, "ivm")


def has_ivm(conn: Connection) -> bool:
    """Whether the server has pg_ivm to offer."""
    available = "select from pg_available_extensions where name = 'pg_ivm'"
    return conn.execute(available).rowcount > 0
