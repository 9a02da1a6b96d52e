"""The statements of a connection are counted, timed and shown; its behaviour does not change."""

import pytest
from psycopg import Connection, Cursor, errors
from psycopg.sql import SQL

from skillmeat.database.recording import QueryStats, record


def test_every_statement_of_a_cursor_is_counted_and_shown(conn: Connection) -> None:
    stats = QueryStats()
    statements: list[object] = []
    with record(conn, stats, on_statement=lambda query, _: statements.append(query)):
        conn.execute("select 1")
        with conn.cursor() as cursor:
            cursor.executemany("select %s", [(2,), (3,)])
    conn.execute("select 4")

    assert statements == ["select 1", "select %s", "select %s"]
    assert stats.statements == 3


def test_the_recorded_seconds_are_those_of_the_statements(conn: Connection) -> None:
    stats = QueryStats()
    with record(conn, stats):
        conn.execute("select pg_sleep(0.02)")

    assert stats.seconds >= 0.02


def test_a_statement_is_shown_with_its_parameters_before_it_is_sent(conn: Connection) -> None:
    query = SQL("create temporary table sent as select %(a)s::int")
    shown: list[object] = []

    def show(query: object, params: object) -> None:
        found = Cursor(conn).execute("select to_regclass('pg_temp.sent')").fetchone()
        shown.append((query, params, found))

    with record(conn, QueryStats(), on_statement=show):
        conn.execute(query, {"a": 1})

    assert shown == [(query, {"a": 1}, (None,))]


def test_a_failed_statement_is_counted_and_the_connection_is_restored(conn: Connection) -> None:
    factory = conn.cursor_factory
    stats = QueryStats()
    with pytest.raises(errors.DivisionByZero), record(conn, stats):
        conn.execute("select 1 / 0")

    assert (stats.statements, conn.cursor_factory) == (1, factory)
