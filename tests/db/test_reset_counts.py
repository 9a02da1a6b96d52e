"""A new row counts from zero, wherever it comes from."""

from psycopg import Connection

from tests.db.oracle import differences


def test_an_inserted_count_starts_at_zero(conn: Connection) -> None:
    conn.execute("insert into collections (id, name, artifact_count) values ('c', 'C', 7)")

    assert differences(conn) == []


def test_rows_that_are_copied_with_their_counts_and_children_are_counted_once(
    sample: Connection, observer: Connection
) -> None:
    kept = ("collections", "collection_artifacts", "groups", "group_artifacts")
    for table in kept:
        sample.execute(f"create temp table kept_{table} as table {table}")
    sample.execute("delete from collections")
    for table in kept:
        sample.execute(f"insert into {table} select * from kept_{table}")
    sample.commit()

    counted = observer.execute(
        "select count(*) from collections where artifact_count > 0"
    ).fetchone()

    assert (counted != (0,), differences(observer)) == (True, [])


def test_no_two_rows_share_a_key_of_their_counts(observer: Connection) -> None:
    shared = observer.execute(
        """
        select key
        from (
            select artifact_count_key from collections
            union all select group_count_key from collections
            union all select artifact_count_key from groups
            union all select artifact_count_key from tags
            union all select artifact_count_key from artifact_types
        ) as keys (key)
        group by key
        having count(*) > 1 or key between -1 and 0
        """
    ).fetchall()

    assert shared == []
