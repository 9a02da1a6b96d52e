"""Upgrading to the snapshot and its log, and back, beside writers and readers that stay."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Barrier, Event

import psycopg
import pytest
from psycopg import Connection, IsolationLevel

import skillmeat
from skillmeat import migration
from skillmeat.errors import Retry, SkillMeatError
from tests.db.oracle import differences
from tests.db.sample import SAMPLE, restore
from tests.migration.test_live_upgrade import terminated

BELOW = "0002_counts"
SUMMARIES = "0003_summaries"
WRITERS = 3
BETWEEN_LOOKS = 0.3
SHOWN = "select s::text from artifact_summaries as s order by id"
REFRESH = "select refresh_artifact_summaries()"

# The statements of each writer on its own artifact, tag and collection.
WRITES = (
    (
        "insert into artifacts (type, name) select 'agent', %(own)s::text "
        "where not exists (select from artifacts where name = %(own)s::text)"
    ),
    "update artifacts set title = %(text)s where name = %(own)s",
    (
        "update artifacts set type = case type when 'agent' then 'skill' else 'agent' end "
        "where name = %(own)s"
    ),
    "delete from artifacts where name = %(own)s",
    (
        "insert into artifact_versions (artifact_id, content_hash, version) "
        "select id, 'hash', %(text)s from artifacts where name = %(own)s"
    ),
    "insert into tags (id, name, slug) values (%(own)s, %(text)s, %(text)s) on conflict do nothing",
    (
        "insert into artifact_tags (tag_id, artifact_id) select t.id, a.id "
        "from tags as t, artifacts as a where t.id = %(own)s and a.name = %(own)s "
        "on conflict do nothing"
    ),
    "update tags set name = %(text)s where id = %(own)s",
    "delete from tags where id = %(own)s",
    (
        "insert into collection_artifacts (collection_id, artifact_id) "
        "select 'default', id from artifacts where name = %(own)s on conflict do nothing"
    ),
    "delete from collection_artifacts where artifact_id like '%%:' || %(own)s",
)


@pytest.fixture
def old_url(first_url: str) -> str:
    """Return the URL of a catalogue with rows, and nothing but tables."""
    with skillmeat.connect(first_url) as conn:
        conn.execute(SAMPLE)
    return first_url


def test_every_answer_is_exact_while_a_database_is_upgraded_and_downgraded(old_url: str) -> None:
    with traffic(old_url) as wrong:
        migration.upgrade(url=old_url)
        migration.downgrade(BELOW, url=old_url)
        migration.upgrade(url=old_url)

    with skillmeat.connect(old_url) as conn:
        assert (wrong, differences(conn)) == ([], [])


def test_a_reader_that_is_older_than_the_upgrade_sees_what_it_would_have_seen(old_url: str) -> None:
    migration.upgrade(SUMMARIES, url=old_url)
    with (
        skillmeat.connect(old_url) as reader,
        skillmeat.connect(old_url, autocommit=True) as writer,
    ):
        before = writer.execute(SHOWN).fetchall()
        migration.downgrade(BELOW, url=old_url)
        reader.isolation_level = IsolationLevel.REPEATABLE_READ
        reader.execute("select from artifact_types")
        writer.execute("update artifacts set title = 'New' where name = 's1'")

        migration.upgrade(SUMMARIES, url=old_url)
        writer.execute("delete from artifacts where name = 's2'")
        writer.execute(REFRESH)

        assert reader.execute(SHOWN).fetchall() == before


def test_a_downgrade_gives_way_to_a_reader_of_the_view_it_drops(
    old_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration.upgrade(SUMMARIES, url=old_url)
    monkeypatch.setattr("skillmeat.migration.environment.LOCK_SECONDS", 1)
    with skillmeat.connect(old_url) as reader:
        reader.isolation_level = IsolationLevel.REPEATABLE_READ
        before = reader.execute(SHOWN).fetchall()

        with pytest.raises(Retry):
            migration.downgrade(BELOW, url=old_url)

        assert reader.execute(SHOWN).fetchall() == before
    assert migration.downgrade(BELOW, url=old_url).current == BELOW


@pytest.mark.parametrize("below", ["0004_search", SUMMARIES, BELOW])
def test_changes_that_are_pending_survive_the_way_down_and_up(
    url: str, conn: Connection, below: str
) -> None:
    restore(conn)
    conn.execute("update artifacts set title = 'Pending' where name = 's1'")
    migration.downgrade(below, url=url)
    conn.execute("update artifacts set title = 'Between' where name = 's2'")
    titles = conn.execute("select id, title from artifacts order by id").fetchall()

    migration.upgrade(url=url)

    shown = conn.execute("select id, title from artifact_summaries order by id").fetchall()
    wrong = differences(conn)
    conn.execute("delete from artifacts where name = 's3'")
    wrong += differences(conn)
    conn.execute(REFRESH)
    wrong += differences(conn)
    assert (shown, wrong) == (titles, [])


def test_an_upgrade_that_was_interrupted_may_be_run_again_under_writers(old_url: str) -> None:
    with skillmeat.connect(old_url, autocommit=True) as conn:
        # The change log is committed, and the views that read it are not.
        conn.execute("create table last_refresh ()")
        with pytest.raises(SkillMeatError):
            migration.upgrade(url=old_url)
        conn.execute("drop table last_refresh")
    with (
        skillmeat.connect(old_url) as holder,
        skillmeat.connect(old_url, autocommit=True) as killer,
        ThreadPoolExecutor(1) as pool,
    ):
        # The snapshot cannot be taken while this table is held.
        holder.execute("lock table artifact_versions in access exclusive mode")
        first = pool.submit(migration.upgrade, url=old_url)
        while not first.done() and not terminated(killer, holder):
            pass
        assert first.exception() is not None

    with traffic(old_url) as wrong:
        migration.upgrade(url=old_url)

    with skillmeat.connect(old_url) as conn:
        assert (wrong, differences(conn)) == ([], [])


@contextmanager
def traffic(url: str) -> Iterator[list[str]]:
    """Run writers and a comparing reader around the block; yield their errors."""
    stop, ready = Event(), Barrier(WRITERS + 2)
    wrong: list[str] = []
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        running = [pool.submit(write, url, seed, stop, ready) for seed in range(WRITERS)]
        running.append(pool.submit(watch, url, stop, ready))
        ready.wait()
        try:
            yield wrong
        finally:
            stop.set()
        wrong += [error for each in running for error in each.result()]


def write(url: str, seed: int, stop: Event, ready: Barrier) -> list[str]:
    """Write with its own artifact and tag until `stop` is set; return all errors."""
    choice = random.Random(seed)  # noqa: S311
    unexpected = []
    with skillmeat.connect(url) as conn:
        turn = 0
        while not stop.is_set():
            values = {"own": f"own{seed}", "text": f"{seed} {turn}"}
            try:
                for statement in choice.choices(WRITES, k=3):
                    conn.execute(statement, values)
                conn.commit()
            except psycopg.Error as error:
                conn.rollback()
                unexpected.append(str(error))
            turn += 1
            if turn == 1:
                ready.wait()
    return unexpected


def watch(url: str, stop: Event, ready: Barrier) -> list[str]:
    """Compare until `stop` is set or a difference is found."""
    seen: list[str] = []
    ready.wait()
    with skillmeat.connect(url, autocommit=True) as conn:
        conn.execute("set jit = off")
        # Looks that followed on each other would never let a migration through that gives way.
        while not stop.wait(BETWEEN_LOOKS) and not seen:
            # Below 0003_summaries there is nothing to compare.
            with suppress(psycopg.errors.UndefinedTable):
                seen = differences(conn)
    return seen
