"""All writers and refreshes at once: no snapshot shows drift, and no reader's state changes."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event

import pytest
from psycopg import Connection, IsolationLevel, errors

import skillmeat
from tests.concurrency.test_stress import NOT_OUR_DOING
from tests.db.conftest import LEVELS
from tests.db.oracle import differences, has_duplicates

WRITERS = 4
ARTIFACTS = ("skill:s1", "skill:s2", "skill:s3", "agent:a1", "agent:a2", "skill:n", "agent:n")
NAMES = ("s1", "s2", "a1", "n")
TYPES = ("skill", "agent")
TAGS = ("p", "q", "empty")
COLLECTIONS = ("default", "p", "q", "empty", "x")

REFRESH = "select refresh_artifact_summaries()"
SHOWN = "select s::text from artifact_summaries as s order by id"
WRITES = (
    "insert into artifacts (type, name) values (%(type)s, %(name)s) on conflict do nothing",
    "update artifacts set title = %(text)s where id = %(artifact)s",
    "update artifacts set name = %(name)s where id = %(artifact)s",
    "update artifacts set type = %(type)s where id = %(artifact)s",
    "delete from artifacts where id = %(artifact)s",
    (
        "insert into artifact_versions (artifact_id, content_hash, version) "
        "select id, 'x', %(text)s from artifacts where id = %(artifact)s"
    ),
    "update artifact_versions set version = %(text)s where artifact_id = %(artifact)s",
    "delete from artifact_versions where artifact_id = %(artifact)s",
    (
        "insert into artifact_tags (tag_id, artifact_id) "
        "select t.id, a.id from tags as t, artifacts as a "
        "where t.id = %(tag)s and a.id = %(artifact)s on conflict do nothing"
    ),
    (
        "update artifact_tags set artifact_id = %(artifact)s where tag_id = %(tag)s "
        "and artifact_id = (select min(artifact_id) from artifact_tags where tag_id = %(tag)s)"
    ),
    "delete from artifact_tags where artifact_id = %(artifact)s",
    "update tags set name = %(text)s where id = %(tag)s",
    "update tags set name = %(text)s where id = %(tag)s",
    "delete from tags where id = %(tag)s",
    "insert into tags (id, name, slug) values (%(tag)s, %(text)s, %(text)s) on conflict do nothing",
    (
        "insert into collection_artifacts (collection_id, artifact_id) "
        "select c.id, a.id from collections as c, artifacts as a "
        "where c.id = %(collection)s and a.id = %(artifact)s on conflict do nothing"
    ),
    (
        "update collection_artifacts set collection_id = %(collection)s "
        "where artifact_id = %(artifact)s and collection_id = 'p'"
    ),
    "delete from collection_artifacts where artifact_id = %(artifact)s",
    "update collections set name = %(text)s where id = %(collection)s",
    "update collections set id = id || '!' where id = %(collection)s",
    "update collections set id = rtrim(id, '!') where id like '%%!'",
    "delete from collections where id = 'x'",
    "insert into collections (id, name) values ('x', %(text)s) on conflict do nothing",
    (
        "insert into groups (collection_id, name) "
        "select id, %(text)s from collections where id = %(collection)s"
    ),
    "delete from groups where collection_id = %(collection)s",
    # More rows in one statement than the change log records one by one.
    (
        "insert into artifacts (type, name) "
        "select 'workflow', %(text)s || n from generate_series(1, 300) as n"
    ),
    "delete from artifacts where type = 'workflow'",
    "select settle_counts()",
    "select * from repair_counts()",
    "select repair_summaries()",
    REFRESH,
)
TRUNCATES = (
    "truncate artifact_tags",
    "truncate artifact_versions",
    "truncate collection_artifacts cascade",
    "truncate artifacts cascade",
)
BY_HAND = (
    "refresh materialized view artifact_summaries_snapshot",
    "refresh materialized view concurrently artifact_summaries_snapshot",
)
# Housekeeping is refused above READ COMMITTED, and a subquery fails if a key exists twice.
REFUSED = (*NOT_OUR_DOING, errors.InvalidTransactionState, errors.CardinalityViolation)


# TRUNCATE is not MVCC-safe in PostgreSQL: a reader with an older snapshot sees an empty table too.
# So a session keeps its snapshot only if no other session truncates.
@pytest.mark.parametrize("beside", ["a reader that keeps its snapshot", "truncates"])
@pytest.mark.parametrize("transactions", [20, pytest.param(200, marks=pytest.mark.exhaustive)])
def test_every_snapshot_is_exact_while_all_sessions_write_and_refresh(
    sample_url: str, transactions: int, beside: str
) -> None:
    stop = Event()
    last, watched = (truncate, LEVELS[:1]) if beside == "truncates" else (read_again, LEVELS)

    with ThreadPoolExecutor(WRITERS + 4) as pool:
        others = [
            pool.submit(until, stop, sample_url, work)
            for work in (refresh, refresh_by_hand, watch, last)
        ]
        writing = [
            pool.submit(write, sample_url, seed, transactions, watched) for seed in range(WRITERS)
        ]
        try:
            unexpected = [error for each in writing for error in each.result()]
        finally:
            stop.set()
        done = [each.result() for each in others]

    with skillmeat.connect(sample_url, autocommit=True) as conn:
        conn.execute(REFRESH)
        assert (unexpected, [seen for _, seen in done], differences(conn)) == ([], [[]] * 4, [])
    assert min(turns for turns, _ in done) > 1


def until(
    stop: Event, url: str, work: Callable[[Connection, random.Random], list[str]]
) -> tuple[int, list[str]]:
    """Repeat `work` until `stop` is set or an error occurs; return the rounds and the errors."""
    choice = random.Random(0)  # noqa: S311
    turns = 0
    seen: list[str] = []
    with skillmeat.connect(url, autocommit=True) as conn:
        while not stop.is_set() and not seen:
            seen = work(conn, choice)
            turns += 1
    return turns, seen


def refresh(conn: Connection, _: random.Random) -> list[str]:
    try:
        conn.execute(REFRESH)
    except errors.Error as error:
        return [str(error)]
    return []


def refresh_by_hand(conn: Connection, choice: random.Random) -> list[str]:
    level = choice.choice(LEVELS).name.replace("_", " ")
    try:
        conn.execute(f"begin isolation level {level}")
        conn.execute("select from artifact_types")
        conn.execute("select pg_sleep(%s)", [choice.random() / 20])
        conn.execute(choice.choice(BY_HAND))
        conn.execute("commit")
    except REFUSED:
        conn.execute("rollback")
    except errors.Error as error:
        conn.execute("rollback")
        return [str(error)]
    return []


def watch(conn: Connection, _: random.Random) -> list[str]:
    try:
        return differences(conn)
    except errors.DeadlockDetected:
        return []  # a TRUNCATE locked the tables in another order


def truncate(conn: Connection, choice: random.Random) -> list[str]:
    conn.execute("set lock_timeout = '50ms'")
    conn.execute("select pg_sleep(0.1)")
    with suppress(errors.LockNotAvailable, errors.DeadlockDetected):
        conn.execute(choice.choice(TRUNCATES))
    return []


def read_again(conn: Connection, choice: random.Random) -> list[str]:
    """Read several times in one snapshot, and return the states that differ from the first."""
    conn.isolation_level = IsolationLevel.REPEATABLE_READ
    with conn.transaction():
        # The first view read decides whether a plain REFRESH must wait for this reader.
        first = "artifact_summaries_live" if choice.random() < 0.5 else "artifact_summaries"
        states = [conn.execute(SHOWN.replace("artifact_summaries", first)).fetchall()]
        for _ in range(3):
            conn.execute("select pg_sleep(%s)", [choice.random() / 50])
            states.append(conn.execute(SHOWN).fetchall())
    return [f"{first}: {states}" for state in states if state != states[0]]


def write(url: str, seed: int, transactions: int, watched: tuple[IsolationLevel, ...]) -> list[str]:
    """Run so many transactions; return the drift in them and the unexplained errors."""
    choice = random.Random(seed)  # noqa: S311
    unexpected = []
    with skillmeat.connect(url) as conn:
        for turn in range(transactions):
            conn.isolation_level = choice.choice(LEVELS)
            chosen = choice.choices(WRITES, k=choice.randint(1, 4))
            try:
                for statement in chosen:
                    run(conn, statement, choice, text=f"{seed} {turn} {choice.random()}")
                if conn.isolation_level in watched and not has_duplicates(conn):
                    unexpected += differences(conn)
                if choice.random() < 0.2:
                    conn.rollback()
                else:
                    conn.commit()
            except REFUSED:
                conn.rollback()
            except errors.Error as error:
                conn.rollback()
                unexpected.append(f"{chosen}: {error}")
    return unexpected


def run(conn: Connection, statement: str, choice: random.Random, *, text: str) -> None:
    """Run a statement, in a savepoint that is sometimes rolled back."""
    values = {
        "text": text,
        "artifact": choice.choice(ARTIFACTS),
        "name": choice.choice(NAMES),
        "type": choice.choice(TYPES),
        "tag": choice.choice(TAGS),
        "collection": choice.choice(COLLECTIONS),
    }
    if choice.random() < 0.3:
        conn.execute("savepoint s")
        conn.execute(statement, values)
        conn.execute("rollback to s" if choice.random() < 0.5 else "release s")
    else:
        conn.execute(statement, values)
