"""A subscriber is exact in every snapshot, after any statement on its publisher."""

from collections.abc import Callable, Iterator

import pytest
from psycopg import Connection

from skillmeat.maintenance import repair_catalogue, settle_counts, verify_catalogue
from skillmeat.maintenance.refresh import get_refresh_status, refresh_snapshot
from tests.cli.commands import run
from tests.concurrency.test_read_path_stress import truncate, until
from tests.db.operations import operations
from tests.db.oracle import differences, pending
from tests.db.sample import restore
from tests.replication.clusters import MadeCluster
from tests.replication.load import repeated, run_reader, run_refresher, write_everything
from tests.replication.replication import (
    CATALOGUE,
    CHANGES,
    PublisherAndSubscriber,
    subscribe,
    two_servers,
)

# At REPEATABLE READ no transaction settles, so the change stays pending.
LEFT_PENDING = """
begin isolation level repeatable read;
insert into collection_artifacts (collection_id, artifact_id) values ('empty', 'skill:s1');
commit;
"""


@pytest.fixture(
    scope="module",
    params=[
        "same",
        pytest.param("15 to 18", marks=pytest.mark.exhaustive),
        pytest.param("18 to 15", marks=pytest.mark.exhaustive),
    ],
)
def pair(
    request: pytest.FixtureRequest, original: MadeCluster, major: int
) -> Iterator[PublisherAndSubscriber]:
    publisher, subscriber = (
        (major, major) if request.param == "same" else map(int, request.param.split(" to "))
    )
    with two_servers(
        original(publisher), original(subscriber, of_its_own=publisher == subscriber)
    ) as servers:
        restore(servers.publisher)
        servers.publisher.execute(CATALOGUE)
        servers.publisher.execute(CHANGES)
        subscribe(servers, "catalogue", "catalogue_changes")
        yield servers


@pytest.fixture
def replicated(pair: PublisherAndSubscriber) -> PublisherAndSubscriber:
    """Return a publisher with the sample, and a refreshed subscriber that has it too."""
    restore(pair.publisher)
    pair.catch_up()
    refresh_snapshot(pair.subscriber)
    return pair


def test_a_subscriber_is_exact_after_the_copy_and_a_refresh(
    replicated: PublisherAndSubscriber,
) -> None:
    read_live = get_refresh_status(replicated.subscriber).changes

    assert (differences(replicated.subscriber), read_live) == ([], 0)


def test_pending_counts_of_the_publisher_are_pending_in_the_subscriber(
    replicated: PublisherAndSubscriber,
) -> None:
    replicated.publisher.execute(LEFT_PENDING)
    replicated.catch_up()

    assert (pending(replicated.subscriber), differences(replicated.subscriber)) == (1, [])


def test_a_refresh_of_the_publisher_deletes_no_change_of_the_subscriber(
    replicated: PublisherAndSubscriber,
) -> None:
    replicated.publisher.execute("update artifacts set title = 'new'")
    refresh_snapshot(replicated.publisher)
    replicated.catch_up()

    assert (
        get_refresh_status(replicated.publisher).changes,
        get_refresh_status(replicated.subscriber).changes,
    ) == (0, 7)
    assert differences(replicated.subscriber) == []


@pytest.mark.parametrize(
    "statement",
    [
        "update artifacts set name = 'new' where name = 's1'",
        "update artifact_types set type = 'ability' where type = 'skill'",
        "update collections set id = 'new' where id = 'default'",
        "delete from tags where id = 'p'",
        "truncate artifacts cascade",
    ],
)
def test_changed_keys_and_deleted_rows_reach_the_subscriber_with_their_children(
    replicated: PublisherAndSubscriber, statement: str
) -> None:
    replicated.publisher.execute(statement)
    replicated.catch_up()

    assert differences(replicated.subscriber) == []
    assert shown(replicated.subscriber) == shown(replicated.publisher)


def test_every_snapshot_is_exact_under_load(replicated: PublisherAndSubscriber) -> None:
    with (
        run_reader(replicated.subscribed.url, keeps=True) as comparisons,
        run_refresher(replicated.subscribed.url),
    ):
        write_everything(replicated.published.url, rounds=1)
        replicated.catch_up()

    assert (comparisons.result().inexact, differences(replicated.subscriber)) == ([], [])
    assert comparisons.result().exact > 1


def test_verify_says_that_a_subscriber_is_healthy(
    replicated: PublisherAndSubscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    replicated.publisher.execute(LEFT_PENDING)
    replicated.catch_up()
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", replicated.subscribed.url)

    verified = run("verify")

    assert (verified.code, verified.out) == (0, "healthy\n")


def test_a_subscriber_does_not_settle_because_the_publishers_next_edit_would_undo_it(
    replicated: PublisherAndSubscriber,
) -> None:
    replicated.publisher.execute(LEFT_PENDING)
    replicated.catch_up()

    left = settle_counts(replicated.subscriber)

    replicated.publisher.execute("update collections set description = 'new' where id = 'empty'")
    replicated.catch_up()
    assert (left, differences(replicated.subscriber)) == (1, [])


@pytest.fixture
def altered(replicated: PublisherAndSubscriber) -> Iterator[Callable[[str], None]]:
    """Yield a function that alters a publication for the test."""
    publisher = replicated.publisher

    def alter(how: str) -> None:
        publisher.execute(f"alter publication {how}")

    yield alter
    publisher.execute("drop publication catalogue, catalogue_changes")
    publisher.execute(CATALOGUE)
    publisher.execute(CHANGES)


def test_counts_without_their_pending_changes_drift_and_can_be_repaired(
    replicated: PublisherAndSubscriber,
    altered: Callable[[str], None],
) -> None:
    altered("catalogue drop table count_changes")
    replicated.publisher.execute(LEFT_PENDING)
    replicated.catch_up()

    assert repairs_drift(replicated.subscriber)


def test_summaries_drift_if_the_publishers_deletes_of_changes_are_replicated(
    replicated: PublisherAndSubscriber,
    altered: Callable[[str], None],
) -> None:
    altered("catalogue_changes set (publish = 'insert, delete')")
    replicated.publisher.execute("update artifacts set title = 'new'")
    refresh_snapshot(replicated.publisher)
    replicated.catch_up()

    assert repairs_drift(replicated.subscriber)


@pytest.mark.exhaustive
def test_every_operation_reaches_the_subscriber_whole(replicated: PublisherAndSubscriber) -> None:
    inexact = {}
    for name, statement in operations().items():
        restore(replicated.publisher)
        with replicated.publisher.transaction():
            replicated.publisher.execute(statement)
        replicated.catch_up()
        if found := differences(replicated.subscriber):
            inexact[name] = found
        if shown(replicated.subscriber) != shown(replicated.publisher):
            inexact[name] = ["it differs from the publisher"]

    assert inexact == {}


@pytest.mark.exhaustive
@pytest.mark.parametrize("truncating", [False, True])
def test_every_snapshot_is_exact_under_long_load(
    replicated: PublisherAndSubscriber, *, truncating: bool
) -> None:
    published, subscribed = replicated.published.url, replicated.subscribed.url
    with (
        run_reader(subscribed, keeps=not truncating) as comparisons,
        run_reader(published, keeps=not truncating),
        run_refresher(subscribed),
        run_refresher(published),
        repeated(lambda stop: truncating and until(stop, published, truncate)),
    ):
        write_everything(published, rounds=12)
        replicated.catch_up()

    assert (comparisons.result().inexact, differences(replicated.subscriber)) == ([], [])


def repairs_drift(conn: Connection) -> bool:
    """Repair a catalogue; return whether it drifted before and is exact after."""
    found = [*verify_catalogue(conn)]
    repaired = [*repair_catalogue(conn)]
    left = [*verify_catalogue(conn), *differences(conn)]
    return bool(found) and bool(repaired) and not left


def shown(conn: Connection) -> list[tuple[object, ...]]:
    return conn.execute("select * from artifact_summaries order by id").fetchall()
