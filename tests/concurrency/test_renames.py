"""A tag or collection is renamed while sessions add it to artifacts: each shows the new name."""

import pytest
from psycopg import Connection, IsolationLevel

from tests.concurrency.sessions import NewSession, running, wait_until_blocked
from tests.concurrency.test_keys_change import waiting_session
from tests.concurrency.test_refresh import REFRESH
from tests.db.oracle import differences

REPEATABLE = IsolationLevel.REPEATABLE_READ

# After the new name, `p` follows `q` in the collections of an artifact that is in both.
RENAMES = {
    "tags": "update tags set name = 'Z' where id = 'p'",
    "collections": "update collections set name = 'Z' where id = 'p'",
}
IN_BOTH = "insert into collection_artifacts values ('q', 'skill:s1'), ('p', 'agent:a2')"

# Statements that give an artifact a tag or a collection without reading it.
MOVES = (
    "update artifacts set name = 'n' where name = 's1'",
    "update artifacts set type = 'agent' where name = 's1'",
    "update artifact_types set type = 'n' where type = 'skill'",
)
MOVES_OF = (
    *((table, move) for table in RENAMES for move in MOVES),
    (
        "tags",
        "update artifact_tags set artifact_id = 'agent:a1' where artifact_id = 'skill:s1'",
    ),
    (
        "collections",
        (
            "update collection_artifacts set artifact_id = 'agent:a1' "
            "where (collection_id, artifact_id) = ('p', 'skill:s1')"
        ),
    ),
)
ADDITIONS = {
    "tags": "insert into artifact_tags (artifact_id, tag_id) values ('agent:a1', 'p')",
    "collections": "insert into collection_artifacts values ('p', 'agent:a1')",
}


@pytest.mark.parametrize(("table", "move"), MOVES_OF)
def test_an_artifact_moved_during_a_rename_shows_the_new_name(
    session: NewSession, observer: Connection, table: str, move: str
) -> None:
    observer.execute(IN_BOTH)
    observer.execute(REFRESH)
    mover, namer = session(), session()
    mover.execute(move)
    namer.execute(RENAMES[table])
    mover.commit()
    observer.execute(REFRESH)
    namer.commit()

    before = differences(observer)
    observer.execute(REFRESH)

    assert (before, differences(observer)) == ([], [])


@pytest.mark.parametrize("table", RENAMES)
def test_all_artifacts_show_a_rename_that_cannot_see_their_addition(
    session: NewSession, observer: Connection, table: str
) -> None:
    namer, adder = session(REPEATABLE), session(REPEATABLE)
    adder.execute(ADDITIONS[table])
    adder.commit()
    observer.execute(REFRESH)

    namer.execute(RENAMES[table])
    namer.commit()

    assert differences(observer) == []


@pytest.mark.parametrize("table", RENAMES)
def test_a_rename_reaches_an_addition_that_it_waited_for(
    session: NewSession, observer: Connection, table: str
) -> None:
    adder, namer = session(), waiting_session(session)
    adder.execute(ADDITIONS[table])

    with running(namer, RENAMES[table]) as named:
        wait_until_blocked(observer, namer, by=adder, work=named)
        adder.commit()
        observer.execute(REFRESH)
    named.result()

    assert differences(observer) == []


def test_a_reader_of_an_older_snapshot_sees_collections_by_their_old_names(
    session: NewSession, observer: Connection
) -> None:
    observer.execute(IN_BOTH)
    observer.execute(REFRESH)
    reader = session(REPEATABLE)

    observer.execute(RENAMES["collections"])
    observer.execute(REFRESH)

    assert (differences(reader), differences(observer)) == ([], [])
