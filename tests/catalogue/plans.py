"""The plans that the server used, from auto_explain."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from psycopg import Connection, errors

from tests.plans.tree import Plan, count_rows_read

__all__ = ["count_rows_read", "plans"]

SETTINGS = (
    "load 'auto_explain'",
    "set auto_explain.log_min_duration = 0",
    "set auto_explain.log_level = 'notice'",
    "set auto_explain.log_format = 'json'",
    "set auto_explain.log_analyze = on",
    "set auto_explain.log_timing = off",
)


@contextmanager
def plans(conn: Connection) -> Iterator[list[Plan]]:
    """Collect the EXPLAIN ANALYZE plan of every statement that the block runs."""
    found: list[Plan] = []

    def take(notice: errors.Diagnostic) -> None:
        _, brace, plan = (notice.message_primary or "").partition("{")
        if brace:
            found.append(json.loads(brace + plan)["Plan"])

    try:
        for setting in SETTINGS:
            conn.execute(setting)
    except (errors.UndefinedFile, errors.InsufficientPrivilege) as error:
        pytest.skip(f"auto_explain cannot be loaded: {error}; name a server that has contrib")
    conn.add_notice_handler(take)
    try:
        yield found
    finally:
        conn.remove_notice_handler(take)
        conn.execute("set auto_explain.log_min_duration = -1")
