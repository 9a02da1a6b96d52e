"""Upgrading a database that holds rows, under writers that keep writing."""

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
from skillmeat.errors import SkillMeatError
from tests.db.oracle import differences, pending
from tests.db.sample import SAMPLE

WRITERS = 3
ROWS = """
insert into collections (id, name) select 'c' || n, 'C' || n from generate_series(1, 300) as n;
insert into artifacts (type, name) select 'skill', 'x' || n from generate_series(1, 400) as n;
insert into collection_artifacts (collection_id, artifact_id)
select 'c' || n % 300 + 1, 'skill:x' || n from generate_series(1, 400) as n
union all
select 'default', id from artifacts where name ~ '^x';
"""

# The backfill ends at this collection, with earlier batches committed.
INTERRUPTION = """
create function end_session() returns trigger language plpgsql as $$
begin
    if (to_jsonb(new) ->> 'artifact_count')::bigint > 0 then
        perform pg_terminate_backend(pg_backend_pid());
    end if;
    return new;
end;
$$;
create trigger end_session before update on collections
    for each row when (new.id = 'c99') execute function end_session();
"""


@pytest.fixture
def old_url(first_url: str) -> str:
    """Return the URL of a catalogue with rows and without counts."""
    with skillmeat.connect(first_url) as conn:
        conn.execute(SAMPLE)
        conn.execute(ROWS)
    return first_url


def test_an_upgrade_counts_existing_rows(old_url: str) -> None:
    migration.upgrade(url=old_url)

    with skillmeat.connect(old_url) as conn:
        assert (differences(conn), pending(conn)) == ([], 0)


def test_writers_keep_writing_while_a_database_is_upgraded(old_url: str) -> None:
    with writers(old_url) as failures:
        migration.upgrade(url=old_url)

    with skillmeat.connect(old_url) as conn:
        assert (failures, differences(conn)) == ([], [])


def test_a_backfill_may_be_interrupted_and_run_again_under_writers(old_url: str) -> None:
    with skillmeat.connect(old_url, autocommit=True) as conn:
        conn.execute(INTERRUPTION)
        with pytest.raises(SkillMeatError):
            migration.upgrade(url=old_url)
        counted = conn.execute("select count(*) from collections where artifact_count > 0")
        partly = counted.fetchone()
        conn.execute("drop function end_session() cascade")

    with writers(old_url) as failures:
        migration.upgrade(url=old_url)

    with skillmeat.connect(old_url) as conn:
        assert (failures, differences(conn)) == ([], [])
    assert partly != (0,)


def test_a_snapshot_taken_before_the_upgrade_still_shows_every_collection(old_url: str) -> None:
    with skillmeat.connect(old_url) as old:
        old.isolation_level = IsolationLevel.REPEATABLE_READ
        old.execute("select")
        # 0004_search waits for every session that has an older snapshot.
        migration.upgrade("0003_summaries", url=old_url)

        collections = old.execute("select count(*) from collections").fetchone()

    assert collections == (304,)


def test_a_writer_with_a_snapshot_from_before_the_upgrade_is_refused_or_counted(
    old_url: str,
) -> None:
    with skillmeat.connect(old_url) as old:
        old.isolation_level = IsolationLevel.REPEATABLE_READ
        old.execute("select")
        migration.upgrade("0002_counts", url=old_url)

        with suppress(psycopg.errors.SerializationFailure):
            old.execute(
                "insert into collection_artifacts (collection_id, artifact_id) "
                "values ('empty', 'skill:s1')"
            )
            old.commit()

    with skillmeat.connect(old_url) as conn:
        lost = conn.execute(
            "select counter, parent, delta from count_changes as c where not exists ("
            "select from collections as p where p.artifact_count_key = c.count_key)"
        ).fetchall()
    assert lost == []


def test_an_upgrade_works_with_serializable_as_the_default(old_url: str) -> None:
    with skillmeat.connect(old_url, autocommit=True) as conn:
        conn.execute(
            "do $$ begin execute format('alter database %I set default_transaction_isolation "
            "= ''serializable''', current_database()); end $$"
        )

    with writers(old_url) as failures:
        migration.upgrade(url=old_url)

    with skillmeat.connect(old_url) as conn:
        assert (failures, differences(conn)) == ([], [])


def terminated(killer: Connection, holder: Connection) -> bool:
    """End the sessions that wait for `holder`; return whether there was one."""
    return bool(
        killer.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where %s = any (pg_blocking_pids(pid))",
            [holder.info.backend_pid],
        ).rowcount
    )


@contextmanager
def writers(url: str) -> Iterator[list[str]]:
    """Run writers from before the block until its end; yield their errors."""
    stop, ready = Event(), Barrier(WRITERS + 1)
    failures: list[str] = []
    with ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(write, url, seed, stop, ready) for seed in range(WRITERS)]
        ready.wait()
        try:
            yield failures
        finally:
            stop.set()
        failures += [error for each in running for error in each.result()]


def write(url: str, seed: int, stop: Event, ready: Barrier) -> list[str]:
    """Move its own artifacts in and out of collections until `stop` is set."""
    choice = random.Random(seed)  # noqa: S311
    unexpected = []
    with skillmeat.connect(url) as conn:
        conn.isolation_level = IsolationLevel.READ_COMMITTED
        turns = 0
        while not stop.is_set():
            collection = choice.choice(("default", "p", f"c{choice.randint(1, 300)}"))
            keys = [collection, f"skill:s{seed + 1}"]
            try:
                conn.execute(
                    "insert into collection_artifacts (collection_id, artifact_id) "
                    "values (%s, %s) on conflict do nothing",
                    keys,
                )
                conn.execute("update collections set description = %s where id = 'c7'", [keys[0]])
                conn.execute(
                    "delete from collection_artifacts where artifact_id = %s "
                    "and collection_id like 'c%%'",
                    keys[1:],
                )
                conn.commit()
            except psycopg.Error as error:
                conn.rollback()
                unexpected.append(str(error))
            turns += 1
            if turns == 1:
                ready.wait()
    return unexpected
