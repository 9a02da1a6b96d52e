"""A catalogue that pg_upgrade moves from 15 to 18 is exact at once, and counts and refreshes."""

import json
from collections.abc import Iterator

import pytest
from psycopg import Connection

import skillmeat
from skillmeat.maintenance.refresh import get_refresh_status, refresh_snapshot
from tests.cli.commands import run
from tests.db.oracle import differences, pending
from tests.db.sample import restore
from tests.replication.clusters import Cluster, copied, initdb, room
from tests.replication.conftest import MadeCluster

# At this level no transaction settles: four counts and fifteen changes of summaries stay pending.
LEFT_PENDING = """
begin isolation level repeatable read;
insert into collection_artifacts (collection_id, artifact_id) select 'empty', id from artifacts;
insert into artifact_tags (tag_id, artifact_id) select 'empty', id from artifacts;
insert into artifacts (type, name) values ('workflow', 'w');
insert into groups (collection_id, name) values ('empty', 'G');
commit;
"""

# As if the last refresh had been here: whatever the marks say, the answer must be right.
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
    """A cluster of 18 that was one of 15, whose counts and changes were pending."""
    with copied(original(15)) as old, room(original(18).binaries) as new:
        old.start()
        with skillmeat.connect(old.url, autocommit=True) as conn:
            restore(conn)
            conn.execute(LEFT_PENDING)
        old.stop()
        # 15 has no checksums unless asked to, 18 has them unless asked not to, and both must agree.
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
    """A connection whose work is undone."""
    with skillmeat.connect(upgraded.url) as connection:
        yield connection
        connection.rollback()


def test_counts_and_pages_are_exact_at_once(conn: Connection) -> None:
    assert (differences(conn), pending(conn), get_refresh_status(conn).changes) == ([], 4, 15)


def test_the_snapshot_is_passed_by_until_the_next_refresh(conn: Connection) -> None:
    snapshot_xmin, now = conn.execute(MARKS).fetchone() or (0, 0)

    # The new cluster goes on counting where the old one was: no mark is given twice.
    assert (get_refresh_status(conn).is_replaced, snapshot_xmin < now) == (True, True)


def test_pages_were_exact_even_if_the_marks_agreed(conn: Connection) -> None:
    conn.execute(MARKED_AS_OURS)

    assert (get_refresh_status(conn).is_replaced, differences(conn)) == (False, [])


def test_triggers_count(conn: Connection) -> None:
    conn.execute("update collections set id = 'new' where id = 'default'")
    conn.execute("delete from artifacts where name = 's1'")
    conn.execute("truncate artifact_tags")

    assert differences(conn) == []


def test_the_next_refresh_takes_the_snapshot_into_use(conn: Connection) -> None:
    absorbed = refresh_snapshot(conn)

    found = get_refresh_status(conn)
    assert (absorbed, found.changes, found.is_replaced, differences(conn)) == (15, 0, False, [])


def test_the_commands_find_it_as_it_was(upgraded: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", upgraded.url)

    verified, migrated = run("verify"), run("migrate", "status", "--json")

    assert (verified.code, verified.out) == (0, "healthy\n")
    assert json.loads(migrated.out)["up_to_date"]
