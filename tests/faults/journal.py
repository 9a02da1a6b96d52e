"""A writer with a journal of its acknowledged commits, and its comparison with the catalogue."""

import random
from dataclasses import dataclass, field
from threading import Event

from psycopg import Connection, IsolationLevel, errors

from tests.faults.servers import OwnServer, connect_with_retries
from tests.faults.state import Rows, contents

# Collections that exist from the start: every writer adds to them, so their counts are shared.
SHARED = ("default", "p", "q", "empty")

LEVELS = (IsolationLevel.READ_COMMITTED,) * 3 + (IsolationLevel.REPEATABLE_READ,)

# A row's name contains its writer: no writer changes acknowledged rows of another.
WRITES = (
    (
        "insert into artifacts (type, name, title) values ('skill', %(a)s, %(text)s)"
        " on conflict do nothing"
    ),
    (
        "insert into artifacts (type, name, title) select 'skill', %(own)s || '-' || n, %(text)s"
        " from generate_series(0, 7) as n on conflict do nothing"
    ),
    "update artifacts set title = %(text)s where name = %(a)s",
    "update artifacts set title = %(text)s where name like %(names)s",
    (
        "update artifacts set name = %(b)s where name = %(a)s"
        " and not exists (select from artifacts where name = %(b)s)"
    ),
    "delete from artifacts where name = %(a)s",
    (
        "insert into artifact_versions (artifact_id, content_hash, version)"
        " select id, 'x', %(text)s from artifacts where name = %(a)s"
    ),
    "delete from artifact_versions where artifact_id = 'skill:' || %(a)s",
    "insert into collections (id, name) values (%(c)s, %(text)s) on conflict do nothing",
    "update collections set name = %(text)s, description = %(a)s where id = %(c)s",
    (
        "update collections set id = %(d)s where id = %(c)s"
        " and not exists (select from collections where id = %(d)s)"
    ),
    "delete from collections where id = %(c)s",
    (
        "insert into collection_artifacts (collection_id, artifact_id)"
        " select c.id, a.id from collections as c, artifacts as a"
        " where (c.id = any (%(shared)s) or c.id like %(names)s) and a.name like %(names)s"
        " on conflict do nothing"
    ),
    (
        "insert into collection_artifacts (collection_id, artifact_id)"
        " select %(s)s, id from artifacts where name = %(a)s on conflict do nothing"
    ),
    (
        "update collection_artifacts set collection_id = %(t)s"
        " where collection_id = %(s)s and artifact_id = 'skill:' || %(a)s and not exists ("
        " select from collection_artifacts"
        " where collection_id = %(t)s and artifact_id = 'skill:' || %(a)s)"
    ),
    "delete from collection_artifacts where artifact_id = 'skill:' || %(a)s",
    (
        "insert into groups (collection_id, name) select id, %(text)s from collections"
        " where id = %(c)s"
    ),
    "delete from groups where collection_id = %(c)s",
    (
        "insert into tags (id, name, slug) values (%(own)s || '-', %(text)s, %(own)s)"
        " on conflict do nothing"
    ),
    "update tags set name = %(text)s where id = %(own)s || '-'",
    (
        "insert into artifact_tags (tag_id, artifact_id) select t.id, a.id from tags as t,"
        " artifacts as a where t.id in ('p', %(own)s || '-') and a.name = %(a)s"
        " on conflict do nothing"
    ),
    "delete from artifact_tags where artifact_id = 'skill:' || %(a)s",
)


@dataclass(slots=True)
class Journal:
    """A writer's acknowledged rows, and its rows if a commit without an answer succeeded."""

    own: str
    choice: random.Random
    acknowledged: Rows = field(default_factory=list)
    in_flight: Rows | None = None
    commits: int = 0

    @property
    def names(self) -> str:
        """The pattern of the names of the rows that are this writer's."""
        return f"{self.own}-%"


def write(own: OwnServer, journal: Journal, stop: Event) -> None:
    """Commit one transaction after the other until `stop` or the loss of the server."""
    try:
        with own.session(autocommit=False) as conn:
            while not stop.is_set():
                _transaction(conn, journal)
    except (errors.OperationalError, ConnectionError):
        return


def check_journal(own: OwnServer, journal: Journal) -> str | None:
    """Compare a writer's rows with its journal; a commit without an answer may be there or not."""
    with connect_with_retries(own) as conn:
        found = contents(conn, journal.names)
    possible = [each for each in (journal.acknowledged, journal.in_flight) if each is not None]
    if found not in possible:
        return f"{journal.own}: {found} is none of {possible}"
    journal.acknowledged, journal.in_flight = found, None
    return None


def _transaction(conn: Connection, journal: Journal) -> None:
    """Write, record the rows that the transaction sees, and commit."""
    choice = journal.choice
    conn.isolation_level = choice.choice(LEVELS)
    try:
        for statement in choice.choices(WRITES, k=choice.randint(1, 4)):
            _run(conn, statement, journal)
        seen = contents(conn, journal.names)
        if choice.random() < 0.1:
            conn.rollback()
            return
        journal.in_flight = seen
        conn.commit()
    except (errors.QueryCanceled, errors.DiskFull, errors.SerializationFailure):
        # The server answered: it is not committed.
        journal.in_flight = None
        conn.rollback()
    else:
        journal.acknowledged, journal.in_flight = seen, None
        journal.commits += 1


def _run(conn: Connection, statement: str, journal: Journal) -> None:
    """Run a statement, in a savepoint that is sometimes rolled back."""
    choice = journal.choice
    a, b = (f"{journal.own}-{each}" for each in choice.sample(range(8), 2))
    c, d = (f"{journal.own}-{each}" for each in choice.sample("cd", 2))
    s, t = choice.sample(SHARED, 2)
    values = {
        "own": journal.own,
        "names": journal.names,
        "shared": list(SHARED),
        "text": f"{journal.own} {choice.random()}",
        "a": a,
        "b": b,
        "c": c,
        "d": d,
        "s": s,
        "t": t,
    }
    if choice.random() < 0.2:
        conn.execute("savepoint s")
        conn.execute(statement, values)
        conn.execute("rollback to s" if choice.random() < 0.5 else "release s")
    else:
        conn.execute(statement, values)
