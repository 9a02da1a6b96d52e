import pytest
from psycopg import Connection
from psycopg.errors import ReadOnlySqlTransaction

from skillmeat.cli.connections import open_snapshot, open_without_time_limits
from skillmeat.maintenance import get_totals


def test_a_command_reads_everything_in_one_snapshot(filled: Connection) -> None:
    with open_snapshot() as conn:
        before = get_totals(conn)
        filled.execute("delete from artifacts")

        assert get_totals(conn) == before


def test_a_command_that_reads_cannot_write() -> None:
    with open_snapshot() as conn, pytest.raises(ReadOnlySqlTransaction):
        conn.execute("delete from artifacts")


def test_long_work_ignores_the_time_limits_of_the_database(filled: Connection) -> None:
    database = filled.info.dbname
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"):
        filled.execute(f"alter database {database} set {limit} = '1min'")

    with open_without_time_limits() as conn:
        limits = conn.execute(
            "select current_setting('statement_timeout'), current_setting('lock_timeout'), "
            "current_setting('idle_in_transaction_session_timeout')"
        ).fetchone()

    assert limits == ("0", "0", "0")
