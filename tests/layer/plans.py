"""The plan that a statement was really run with, told by the server itself."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg import Connection, errors

SETTINGS = (
    "load 'auto_explain'",
    "set auto_explain.log_min_duration = 0",
    "set auto_explain.log_level = 'notice'",
    "set auto_explain.log_format = 'json'",
    "set auto_explain.log_analyze = on",
    "set auto_explain.log_timing = off",
)


@contextmanager
def plans(conn: Connection) -> Iterator[list[dict[str, Any]]]:
    """Collect the plan, with actual rows, of every statement that the block runs."""
    found: list[dict[str, Any]] = []

    def take(notice: errors.Diagnostic) -> None:
        _, brace, plan = (notice.message_primary or "").partition("{")
        if brace:
            found.append(json.loads(brace + plan)["Plan"])

    try:
        for setting in SETTINGS:
            conn.execute(setting)
    except (errors.UndefinedFile, errors.InsufficientPrivilege) as error:
        pytest.skip(f"auto_explain cannot be loaded here: {error}")
    conn.add_notice_handler(take)
    try:
        yield found
    finally:
        conn.remove_notice_handler(take)
        conn.execute("set auto_explain.log_min_duration = -1")


def rows_looked_at(plan: dict[str, Any], *, of: frozenset[str]) -> int:
    """How many rows of those tables a plan fetched or filtered out, all loops together."""
    per_loop: float = 0
    # A bitmap's rows are counted where they are fetched.
    if plan.get("Relation Name") in of:
        per_loop = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    below = sum(rows_looked_at(each, of=of) for each in plan.get("Plans", []))
    return round(per_loop * float(plan["Actual Loops"])) + below
