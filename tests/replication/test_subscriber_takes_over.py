"""A subscriber takes over as the writable server, after its one important sequence is set."""

from collections.abc import Iterator

import pytest
from psycopg import Connection

from skillmeat.maintenance.refresh import refresh_snapshot
from tests.db.operations import operations
from tests.db.oracle import differences
from tests.db.sample import restore
from tests.replication.clusters import MadeCluster
from tests.replication.replication import CATALOGUE, CHANGES, subscribe, two_servers

NUMBERED = """
select setval('artifact_versions_id_seq', (select max(id) from artifact_versions))
"""

# Two counts with one key would count the changes of one row for the other row.
KEYS = """
select key, count(*)
from (
    select artifact_count_key as key from artifact_types
    union all select artifact_count_key from collections
    union all select group_count_key from collections
    union all select artifact_count_key from groups
    union all select artifact_count_key from tags
) as keys
group by key
having count(*) > 1
"""


@pytest.fixture(scope="module")
def promoted(original: MadeCluster, major: int) -> Iterator[Connection]:
    """Yield a server that was a subscriber during many writes, and now has no publisher."""
    with two_servers(original(major), original(major, of_its_own=True)) as pair:
        pair.publisher.execute(CATALOGUE)
        pair.publisher.execute(CHANGES)
        subscribe(pair, "catalogue", "catalogue_changes")
        restore(pair.publisher)
        pair.publisher.execute("""
            begin isolation level repeatable read;
            insert into collection_artifacts (collection_id, artifact_id)
            select 'empty', id from artifacts;
            commit;
        """)
        pair.catch_up()
        pair.subscriber.execute("drop subscription catalogue")
        pair.subscriber.execute(NUMBERED)
        yield pair.subscriber


def test_the_former_subscriber_counts_and_shows_new_writes(promoted: Connection) -> None:
    with promoted.transaction(force_rollback=True):
        promoted.execute(operations()["create_a_collection_with_its_members"])
        promoted.execute(operations()["rename_every_collection"])
        promoted.execute(
            "insert into artifact_versions (artifact_id, content_hash) "
            "select id, 'new' from artifacts"
        )
        found = differences(promoted), promoted.execute(KEYS).fetchall()

    assert found == ([], [])


def test_the_former_subscriber_settles_the_publishers_pending_counts(promoted: Connection) -> None:
    promoted.execute("delete from collection_artifacts where artifact_id = 'skill:s1'")

    left = promoted.execute("select pending_counts()").fetchone()

    assert (left, differences(promoted)) == ((0,), [])


def test_the_former_subscriber_refreshes_its_snapshot(promoted: Connection) -> None:
    promoted.execute("update artifacts set title = 'new'")

    absorbed = refresh_snapshot(promoted)

    assert (differences(promoted), bool(absorbed)) == ([], True)
