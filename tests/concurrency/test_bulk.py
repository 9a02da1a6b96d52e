"""Many small statements in one transaction: the cost of the counts is proportional to them."""

import pytest
from psycopg import Connection

from tests.concurrency.sessions import NewSession

# Rows that the transaction itself has deleted are visited as index entries, not as rows.
VISITED = """
select (
    sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))
    + (select idx_tup_read from pg_stat_user_indexes where indexrelname = 'count_changes_pkey')
)::bigint
from pg_stat_user_tables
where relname in ('count_changes', 'collections')
"""
# A change is appended, looked up, summed and deleted; its parent is looked up each time.
ROWS_PER_INSERT = 12


@pytest.mark.parametrize("inserts", [500, pytest.param(4000, marks=pytest.mark.exhaustive)])
def test_a_transaction_of_many_inserts_visits_rows_in_proportion(
    session: NewSession, inserts: int
) -> None:
    conn = session()
    conn.execute(
        "insert into artifacts (type, name) select 'workflow', n from generate_series(1, %s) as n",
        [inserts],
    )
    before = visited(conn)

    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into collection_artifacts (collection_id, artifact_id) values ('p', %s)",
            [[f"workflow:{each}"] for each in range(1, inserts + 1)],
        )
    visits = visited(conn) - before

    assert inserts < visits < ROWS_PER_INSERT * inserts


def visited(conn: Connection) -> int:
    """Commit, and return how many rows all sessions have visited in the tables that count."""
    conn.commit()
    conn.execute("select pg_stat_force_next_flush()")
    conn.commit()
    (rows,) = conn.execute(VISITED).fetchone() or (0,)
    conn.commit()
    return int(rows)
