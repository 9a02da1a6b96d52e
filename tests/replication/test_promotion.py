"""A standby promoted under load has every acknowledged commit, and keeps counting."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import pytest
from psycopg import Connection, Error

import skillmeat
from skillmeat.maintenance.refresh import RefreshEvent, get_refresh_status
from skillmeat.maintenance.refresh.events import ConnectionLost, Recovered, SnapshotRefreshed
from tests.catalogue.sessions import eventually
from tests.concurrency.test_read_path_stress import ARTIFACTS
from tests.db.oracle import differences
from tests.maintenance.refresh.refreshers import RecordedEvents, running_refresher
from tests.replication.clusters import MadeCluster
from tests.replication.standby import PrimaryAndStandby, run_primary_and_standby

WRITERS = 4
ENOUGH = 40

WRITE = """
with made as (
    insert into collections (id, name) values (%(id)s, %(id)s) returning id
),
tagged as (
    insert into artifact_versions (artifact_id, content_hash, version)
    values (%(artifact)s, %(id)s, %(id)s)
)
insert into collection_artifacts (collection_id, artifact_id)
select 'empty', id from artifacts where id = %(artifact)s
on conflict do nothing
"""


@dataclass(frozen=True, slots=True)
class Promoted:
    """The server that was a standby, the acknowledged commits, and the events of a refresher."""

    conn: Connection
    acknowledged: frozenset[str]
    told: tuple[RefreshEvent, ...]


@pytest.fixture(scope="module")
def promoted(original: MadeCluster, major: int) -> Iterator[Promoted]:
    """Kill the primary under writers that wait for the standby, and yield the promoted standby."""
    with (
        run_primary_and_standby(original(major), waited_for=True) as servers,
        running_refresher(servers.url) as events,
    ):
        acknowledged = write_until_killed(servers, events)
        with skillmeat.connect(servers.standby.url, autocommit=True) as conn:
            conn.execute("select pg_promote()")
            events.next(Recovered)
            conn.execute("update artifacts set title = 'written to the promoted server'")
            eventually(lambda: get_refresh_status(conn).changes == 0)
            yield Promoted(conn, acknowledged, tuple(events.all))


def write_until_killed(servers: PrimaryAndStandby, events: RecordedEvents) -> frozenset[str]:
    """Return the collections whose commit was acknowledged before the kill of the primary."""
    acknowledged: set[str] = set()
    enough = Event()

    def write(writer: int) -> None:
        with skillmeat.connect(servers.primary.url, autocommit=True) as conn:
            conn.execute("set synchronous_commit = remote_apply")
            for turn in range(1_000_000):
                name = f"written {writer} {turn}"
                artifact = ARTIFACTS[(writer + turn) % 5]
                try:
                    conn.execute(WRITE, {"id": name, "artifact": artifact})
                    conn.execute("delete from collection_artifacts where collection_id = 'empty'")
                except Error:
                    if conn.closed:
                        return
                    continue
                acknowledged.add(name)
                if len(acknowledged) > ENOUGH:
                    enough.set()

    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write, each) for each in range(WRITERS)]
        events.next(SnapshotRefreshed)
        enough.wait()
        servers.primary.kill()
        for each in writing:
            each.result()
    events.next(ConnectionLost)
    return frozenset(acknowledged)


def test_the_promoted_server_has_every_acknowledged_commit(promoted: Promoted) -> None:
    found = promoted.conn.execute("select id from collections where id like 'written %'").fetchall()

    assert promoted.acknowledged - {name for (name,) in found} == set()


def test_the_promoted_server_has_no_drift(promoted: Promoted) -> None:
    assert differences(promoted.conn) == []


def test_the_promoted_server_counts_new_writes(promoted: Promoted) -> None:
    promoted.conn.execute("update collections set id = 'new' where id = 'default'")
    promoted.conn.execute("insert into artifacts (type, name) values ('skill', 'new')")
    promoted.conn.execute(
        "insert into collection_artifacts (collection_id, artifact_id) values ('new', 'skill:new')"
    )

    assert differences(promoted.conn) == []


def test_a_refresher_that_knows_both_servers_follows_the_primary(promoted: Promoted) -> None:
    kinds = [type(each) for each in promoted.told]
    lost = kinds.index(ConnectionLost)

    assert SnapshotRefreshed in kinds[:lost]
    assert kinds[lost : lost + 2] == [ConnectionLost, Recovered]
    assert SnapshotRefreshed in kinds[lost + 2 :]


@pytest.mark.exhaustive
@pytest.mark.parametrize("_", range(20))
def test_no_promotion_loses_an_acknowledged_commit(
    original: MadeCluster, major: int, _: int
) -> None:
    with (
        run_primary_and_standby(original(major), waited_for=True) as servers,
        running_refresher(servers.url) as events,
    ):
        acknowledged = write_until_killed(servers, events)
        with skillmeat.connect(servers.standby.url, autocommit=True) as conn:
            conn.execute("select pg_promote()")
            found = conn.execute("select id from collections").fetchall()

            assert acknowledged - {name for (name,) in found} == set()
            assert differences(conn) == []
