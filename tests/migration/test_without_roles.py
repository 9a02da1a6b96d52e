"""Migrate as a role that may not create roles."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

import skillmeat
from skillmeat import migration
from tests.db.oracle import differences
from tests.db.sample import SAMPLE

SCHEMA = "roleless"


@pytest.fixture
def modest_url(empty_url: str) -> Iterator[str]:
    """Yield the URL of an empty database for a role that may only create schemas in it."""
    name = f"modest_{uuid4().hex}"
    role = sql.Identifier(name)
    with psycopg.connect(empty_url, autocommit=True) as owner:
        owner.execute(sql.SQL("create role {}").format(role))
        database = sql.Identifier(owner.info.dbname)
        owner.execute(sql.SQL("grant create on database {} to {}").format(database, role))
        yield make_conninfo(empty_url, options=f"-c role={name}")
        owner.execute(sql.SQL("drop owned by {} cascade; drop role {}").format(role, role))


def test_roles_are_skipped_and_everything_else_works(modest_url: str) -> None:
    migration.upgrade(url=modest_url, schema=SCHEMA)

    with skillmeat.connect(modest_url, schema=SCHEMA) as conn:
        conn.execute(SAMPLE)
        conn.execute("update collections set id = 'new' where id = 'p'")
        conn.commit()
        conn.execute("select settle_counts()")
        roles = conn.execute(
            "select from pg_roles where rolname like %s", [f"{SCHEMA}%"]
        ).fetchall()
        assert (roles, differences(conn)) == ([], [])
    migration.downgrade("base", url=modest_url, schema=SCHEMA)


def test_no_other_role_may_call_its_functions(modest_url: str) -> None:
    migration.upgrade(url=modest_url, schema=SCHEMA)

    with skillmeat.connect(modest_url, schema=SCHEMA) as conn:
        callable_by_all = conn.execute(
            "select proname from pg_proc where pronamespace = current_schema()::regnamespace "
            "and has_function_privilege('public', oid, 'execute')"
        ).fetchall()

    assert callable_by_all == []


def test_an_upgrade_reports_the_roles_that_it_may_not_create(modest_url: str) -> None:
    reported: list[str] = []

    migration.upgrade(url=modest_url, schema=SCHEMA, report=reported.append)

    assert [each for each in reported if f"create role {SCHEMA}_app; create role" in each]
