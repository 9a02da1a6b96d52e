"""A refresh writes WAL for the changed rows only."""

from psycopg import Connection

from tests.db.oracle import differences

SMALL, LARGE = 1_000, 10_000
ROUNDS = 3


def test_one_new_member_writes_as_much_in_a_large_catalogue_as_in_a_small_one(
    conn: Connection,
) -> None:
    conn.execute("set jit = off")
    conn.execute("insert into collections (id, name) values ('default', 'Default')")

    small = written_for_one_more(conn, artifacts=SMALL)
    large = written_for_one_more(conn, artifacts=LARGE)

    assert (large < 1.5 * small, differences(conn)) == (True, []), (small, large)


def written_for_one_more(conn: Connection, *, artifacts: int) -> int:
    """Return the WAL bytes of a new member of `default` and a refresh, after a warm-up."""
    conn.execute(
        "with added as ("
        " insert into artifacts (type, name) select 'skill', n"
        " from generate_series((select count(*) from artifacts) + 1, %s) as n returning id) "
        "insert into collection_artifacts (collection_id, artifact_id) "
        "select 'default', id from added",
        [artifacts],
    )
    conn.execute("select refresh_artifact_summaries()")
    # The first read of a page may write WAL: hint bits and pruning.
    conn.execute("vacuum analyze")
    return min(written_in_a_round(conn, name=f"{artifacts}-{each}") for each in range(ROUNDS))


def written_in_a_round(conn: Connection, *, name: str) -> int:
    start = conn.execute("select pg_current_wal_insert_lsn()").fetchone()
    conn.execute("insert into artifacts (type, name) values ('agent', %s)", [name])
    conn.execute(
        "insert into collection_artifacts (collection_id, artifact_id) values ('default', %s)",
        [f"agent:{name}"],
    )
    conn.execute("select refresh_artifact_summaries()")
    (written,) = conn.execute(
        "select pg_current_wal_insert_lsn() - %s::pg_lsn", start
    ).fetchone() or (0,)
    return int(written)
