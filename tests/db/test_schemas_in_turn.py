"""A session that reads several catalogues in turn keeps its prepared statements."""

import psycopg
import pytest
from psycopg import Connection

from skillmeat import migration

TIMES = 12
VIEWS = """
select format('select * from %I limit 1', relname)
from pg_class
where relnamespace = 'skillmeat'::regnamespace and relkind in ('v', 'm')
order by relname
"""
CALLS = (
    "select * from search_artifacts('pdf')",
    "select * from refresh_status()",
    "select * from summary_drift_of(array['skill:s1'])",
    "select * from repair_counts()",
    "select * from repair_summaries()",
    "select settle_counts(), pending_counts(), refresh_artifact_summaries()",
)


@pytest.fixture
def schemas(url: str) -> list[str]:
    """Return two catalogues of one database."""
    migration.upgrade(url=url, schema="second")
    return ["skillmeat", "second"]


def test_every_view_and_function_is_read_in_one_schema_after_the_other(
    url: str, schemas: list[str], conn: Connection
) -> None:
    views = [statement for (statement,) in conn.execute(VIEWS)]
    failed = {}

    with psycopg.connect(url, autocommit=True) as session:
        for statement in (*views, *CALLS):
            try:
                for turn in range(TIMES):
                    session.execute(f"set search_path = {schemas[turn % 2]}, pg_temp")
                    session.execute(statement).fetchall()
            except psycopg.errors.FeatureNotSupported as error:
                failed[statement] = str(error)

    assert (len(views) > 10, failed) == (True, {})
