"""After pg_upgrade from 15 to 18, a catalogue is exact at once, and still counts and refreshes."""

import json
from collections.abc import Iterator

import pytest
from psycopg import Connection

import skillmeat
from skillmeat.maintenance.refresh import get_refresh_status, refresh_snapshot
from tests.cli.commands import run
from tests.db.oracle import differences, pending
from tests.db.sample import restore
from tests.replication.clusters import (
    Cluster,
    MadeCluster,
    copied,
    drop_vendor_options,
    initdb,
    new_cluster,
)

# At REPEATABLE READ no transaction settles: four counts and fifteen changes of summaries stay
# pending.
LEFT_PENDING = """
begin isolation level repeatable read;
insert into collection_artifacts (collection_id, artifact_id) select 'empty', id from artifacts;
insert into artifact_tags (tag_id, artifact_id) select 'empty', id from artifacts;
insert into artifacts (type, name) values ('workflow', 'w');
insert into groups (collection_id, name) values ('empty', 'G');
commit;
"""

# 15 has another stem of this word than 18.
RESTEMMED = "update artifacts set title = 'Added' where id = 'skill:s2'"

# The marks then say that the last refresh ran on this server. The answers must be exact anyway.
MARKED_AS_OURS = """
update last_refresh set snapshot_xmin = f.xmin::text::bigint
from pg_class as f
where f.oid = 'artifact_summaries_snapshot'::regclass
"""

MARKS = """
select r.snapshot_xmin, f.xmin::text::bigint
from last_refresh as r, pg_class as f
where f.oid = 'artifact_summaries_snapshot'::regclass
"""


@pytest.fixture(
    scope="module", params=["--link", pytest.param("--copy", marks=pytest.mark.exhaustive)]
)
def upgraded(request: pytest.FixtureRequest, original: MadeCluster) -> Iterator[Cluster]:
    """Yield a cluster of 18, upgraded from 15 while counts and changes were pending."""
    with copied(original(15)) as old, new_cluster(original(18).binaries) as new:
        old.start()
        with skillmeat.connect(old.url, autocommit=True) as conn:
            restore(conn)
            conn.execute(RESTEMMED)
            refresh_snapshot(conn)
            conn.execute(LEFT_PENDING)
            drop_vendor_options(conn)
        old.stop()
        # The default is without checksums in 15 and with checksums in 18, and both must agree.
        initdb(new, "--no-data-checksums")
        new.run(
            "pg_upgrade",
            *(request.param, "--username=postgres", "--no-sync"),
            *("--old-bindir", old.binaries, "--old-datadir", old.home.data),
            *("--new-bindir", new.binaries, "--new-datadir", new.home.data),
        )
        new.start()
        yield new


@pytest.fixture
def conn(upgraded: Cluster) -> Iterator[Connection]:
    """Yield a connection, and roll back its work after the test."""
    with skillmeat.connect(upgraded.url) as connection:
        yield connection
        connection.rollback()


def test_counts_and_pages_are_exact_right_after_the_upgrade(conn: Connection) -> None:
    assert (differences(conn), pending(conn), get_refresh_status(conn).changes) == ([], 4, 15)


def test_pages_bypass_the_snapshot_until_the_next_refresh(conn: Connection) -> None:
    snapshot_xmin, now = conn.execute(MARKS).fetchone() or (0, 0)

    # The new cluster continues the transaction ids of the old cluster, so no mark occurs twice.
    assert (get_refresh_status(conn).is_replaced, snapshot_xmin < now) == (True, True)


def test_pages_are_exact_even_if_the_marks_are_equal(conn: Connection) -> None:
    conn.execute(MARKED_AS_OURS)

    assert (get_refresh_status(conn).is_replaced, differences(conn)) == (False, [])


def test_triggers_count_after_the_upgrade(conn: Connection) -> None:
    conn.execute("update collections set id = 'new' where id = 'default'")
    conn.execute("delete from artifacts where name = 's1'")
    conn.execute("truncate artifact_tags")

    assert differences(conn) == []


def test_pages_use_the_snapshot_after_the_next_refresh(conn: Connection) -> None:
    absorbed = refresh_snapshot(conn)

    found = get_refresh_status(conn)
    assert (absorbed, found.changes, found.is_replaced, differences(conn)) == (15, 0, False, [])


def test_a_reindex_lets_the_search_find_a_word_with_another_stem(conn: Connection) -> None:
    conn.execute("set enable_seqscan = off")
    conn.execute("reindex index artifacts_name_title_description_idx")

    found = conn.execute("select artifact_id from search_artifacts('added')").fetchall()

    assert found == [("skill:s2",)]


def test_verify_and_status_report_a_healthy_current_catalogue(
    upgraded: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", upgraded.url)

    verified, migrated = run("verify"), run("migrate", "status", "--json")

    assert (verified.code, verified.out) == (0, "healthy\n")
    assert json.loads(migrated.out)["up_to_date"]
