"""All writers at once: no drift in any snapshot, and no deadlock or error because of a count."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from psycopg import Connection, errors

import skillmeat
from tests.db.conftest import LEVELS
from tests.db.oracle import differences

WRITERS = 5
ARTIFACTS = [f"skill:s{each}" for each in range(1, 5)] + [f"agent:a{each}" for each in range(1, 4)]
COLLECTIONS = ("default", "p", "q", "empty", "x")

# A key that changes is locked before or after its children, so foreign keys deadlock even without
# counts. Rows that others changed since a snapshot are refused even without counts.
NOT_OUR_DOING = (errors.SerializationFailure, errors.DeadlockDetected, errors.IntegrityError)

STATEMENTS = {
    "insert": "insert into collection_artifacts (collection_id, artifact_id) "
    "select %(c)s, %(a)s where exists (select from collections where id = %(c)s) "
    "on conflict do nothing",
    "insert_many": "insert into collection_artifacts (collection_id, artifact_id) "
    "select c.id, a.id from collections as c, artifacts as a order by 1, 2 on conflict do nothing",
    "delete": "delete from collection_artifacts "
    "where collection_id = %(c)s and artifact_id = %(a)s",
    "move": "update collection_artifacts set collection_id = %(d)s "
    "where collection_id = %(c)s and artifact_id = %(a)s",
    "leave": "delete from collection_artifacts where artifact_id = %(a)s",
    "tag": "insert into artifact_tags (tag_id, artifact_id) "
    "values ('p', %(a)s) on conflict do nothing",
    "untag": "delete from artifact_tags where tag_id = 'p' and artifact_id = %(a)s",
    "group": "insert into groups (collection_id, name) select %(c)s, gen_random_uuid() "
    "where exists (select from collections where id = %(c)s)",
    "ungroup": "delete from groups where collection_id = %(c)s and id ~ '^[0-9a-f]{32}$'",
    "rename": "update collections set id = %(d)s || '!' where id = %(c)s "
    "and not exists (select from collections where id = %(d)s || '!')",
    "rename_back": "update collections set id = rtrim(id, '!') where id like '%%!'",
    "edit": "update collections set description = %(a)s where id = %(c)s",
    "delete_collection": "delete from collections where id = 'x'",
    "create_collection": "insert into collections (id, name) values ('x', 'X') "
    "on conflict do nothing",
    "artifact": "insert into artifacts (type, name) values ('workflow', gen_random_uuid())",
    "remove_artifact": "delete from artifacts where type = 'workflow'",
    "settle": "select settle_counts()",
    "repair": "select * from repair_counts()",
}


@pytest.mark.parametrize("transactions", [60, pytest.param(600, marks=pytest.mark.exhaustive)])
def test_no_snapshot_shows_drift_while_all_sessions_write(
    sample_url: str, transactions: int
) -> None:
    stop = Event()

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        watching = pool.submit(watch, sample_url, stop)
        writing = [pool.submit(write, sample_url, seed, transactions) for seed in range(WRITERS)]
        try:
            unexpected = [error for each in writing for error in each.result()]
        finally:
            stop.set()
        comparisons, seen = watching.result()

    with skillmeat.connect(sample_url, autocommit=True) as conn:
        conn.execute("select settle_counts()")
        assert (unexpected, seen, differences(conn), comparisons > 0) == ([], [], [], True)


def test_writers_of_separate_artifacts_never_fail(sample_url: str) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        failed = list(pool.map(lambda seed: write_own(sample_url, seed), range(WRITERS)))

    with skillmeat.connect(sample_url) as conn:
        assert (failed, differences(conn)) == ([None] * WRITERS, [])


def write_own(url: str, seed: int) -> None:
    """Move the writer's own artifacts through shared collections, in any order, at any level."""
    choice = random.Random(seed)  # noqa: S311
    own = [f"workflow:{seed}-{each}" for each in range(3)]
    with skillmeat.connect(url) as conn:
        for each in own:
            conn.execute("insert into artifacts (type, name) values (%s, %s)", each.split(":"))
        conn.commit()
        for _ in range(40):
            conn.isolation_level = choice.choice(LEVELS[:2])
            for _ in range(3):
                keys = {
                    "a": choice.choice(own),
                    "c": choice.choice(COLLECTIONS[:4]),
                    "d": choice.choice(COLLECTIONS[:4]),
                }
                conn.execute(STATEMENTS["insert"], keys)
                conn.execute(STATEMENTS[choice.choice(("delete", "leave", "tag", "untag"))], keys)
            conn.execute("delete from artifact_tags where artifact_id = any (%s)", [own])
            conn.commit()


def write(url: str, seed: int, transactions: int) -> list[str]:
    """Run so many transactions; return the unexplained errors."""
    choice = random.Random(seed)  # noqa: S311
    unexpected = []
    with skillmeat.connect(url) as conn:
        for _ in range(transactions):
            conn.isolation_level = choice.choice(LEVELS)
            names = choice.choices(list(STATEMENTS), k=choice.randint(1, 3))
            try:
                for name in names:
                    run_statement(conn, name, choice)
                if choice.random() < 0.2:
                    conn.rollback()
                else:
                    conn.commit()
            except NOT_OUR_DOING:
                conn.rollback()
            except errors.InvalidTransactionState:
                conn.rollback()  # settle_counts() above READ COMMITTED
            except errors.Error as error:
                conn.rollback()
                unexpected.append(f"{names}: {error}")
    return unexpected


def run_statement(conn: Connection, name: str, choice: random.Random) -> None:
    """Run a statement, in a savepoint that is sometimes rolled back."""
    keys = {
        "a": choice.choice(ARTIFACTS),
        "c": choice.choice(COLLECTIONS),
        "d": choice.choice(COLLECTIONS),
    }
    if choice.random() < 0.3:
        conn.execute("savepoint s")
        conn.execute(STATEMENTS[name], keys)
        conn.execute("rollback to s" if choice.random() < 0.5 else "release s")
    else:
        conn.execute(STATEMENTS[name], keys)


def watch(url: str, stop: Event) -> tuple[int, list[str]]:
    """Compare in one snapshot after another until `stop` is set or drift is found."""
    comparisons = 0
    seen: list[str] = []
    with skillmeat.connect(url, autocommit=True) as conn:
        while not stop.is_set() and not seen:
            seen = differences(conn)
            comparisons += 1
    return comparisons, seen
