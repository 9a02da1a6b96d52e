"""Many small statements in one transaction: what the counts cost stays in proportion."""

import pytest

from tests.concurrency.sessions import NewSession

# What the transaction itself has deleted is visited as an entry of the index, and is no row.
VISITED = """
select (
    sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))
    + pg_stat_get_xact_tuples_returned('count_changes_pkey'::regclass)
)::bigint
from pg_stat_xact_user_tables
where relname in ('count_changes', 'collections')
"""
# Appended, looked up, summed and deleted, and the parent looked up for each.
ROWS_PER_INSERT = 12


@pytest.mark.parametrize("inserts", [500, 4000])
def test_a_transaction_of_many_inserts_visits_rows_in_proportion(
    session: NewSession, inserts: int
) -> None:
    conn = session()
    conn.execute(
        "insert into artifacts (type, name) select 'workflow', n from generate_series(1, %s) as n",
        [inserts],
    )
    conn.commit()

    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into collection_artifacts (collection_id, artifact_id) values ('p', %s)",
            [[f"workflow:{each}"] for each in range(1, inserts + 1)],
        )
    conn.execute("set constraints all immediate")
    (visited,) = conn.execute(VISITED).fetchone() or (None,)

    assert inserts < visited < ROWS_PER_INSERT * inserts
