import pytest
from psycopg import Connection
from psycopg.errors import ReadOnlySqlTransaction

from skillmeat.cli.connections import open_snapshot
from skillmeat.maintenance import get_totals


def test_a_command_reads_everything_in_one_snapshot(filled: Connection) -> None:
    with open_snapshot() as conn:
        before = get_totals(conn)
        filled.execute("delete from artifacts")

        assert get_totals(conn) == before


def test_a_command_that_reads_cannot_write() -> None:
    with open_snapshot() as conn, pytest.raises(ReadOnlySqlTransaction):
        conn.execute("delete from artifacts")
