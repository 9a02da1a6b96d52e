"""Functions refuse to work for an owner to whom row-level security applies; no count drifts."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from psycopg import Connection, errors, sql
from psycopg.conninfo import make_conninfo

import skillmeat
from skillmeat import migration
from tests.conftest import database
from tests.db.sample import SAMPLE

HIDE = """
alter table collections enable row level security, force row level security;
create policy most on collections using (id <> 'q')
"""
SHOW = """
drop policy most on collections;
alter table collections disable row level security, no force row level security
"""
REFUSED = (
    "delete from artifacts where name = 'a1'",
    "delete from collection_artifacts where collection_id = 'q'",
    "update collection_artifacts set collection_id = 'empty' where collection_id = 'q'",
    "delete from artifacts",
    "truncate collection_artifacts cascade",
    "insert into collection_artifacts (collection_id, artifact_id) values ('q', 'skill:s3')",
    "select settle_counts()",
    "select repair_counts()",
    "select repair_summaries()",
    "select * from summary_drift_of(array['agent:a1'])",
)


@pytest.fixture(scope="module")
def owned(server_url: str) -> Iterator[Connection]:
    """Yield the owner of a catalogue that holds the sample; the owner is no superuser."""
    name = f"row_security_owner_{uuid4().hex}"
    role = sql.Identifier(name)
    with database(server_url) as url, skillmeat.connect(url, autocommit=True) as admin:
        granted = sql.Identifier(admin.info.dbname)
        admin.execute(sql.SQL("create role {} createrole").format(role))
        admin.execute(sql.SQL("grant all on database {} to {}").format(granted, role))
        owner_url = make_conninfo(url, options=f"-c role={name}")
        migration.upgrade(url=owner_url)
        with skillmeat.connect(owner_url, autocommit=True) as conn:
            conn.execute(SAMPLE)
            conn.execute("select settle_counts(), refresh_artifact_summaries()")
            yield conn
        admin.execute(sql.SQL("drop owned by {} cascade; drop role {}").format(role, role))


@pytest.mark.parametrize("statement", REFUSED)
def test_a_function_refuses_to_count_past_row_level_security(
    owned: Connection, statement: str
) -> None:
    owned.execute(HIDE)
    try:
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
            owned.execute(statement)
    finally:
        owned.execute(SHOW)

    assert owned.execute("table count_drift").fetchall() == []
