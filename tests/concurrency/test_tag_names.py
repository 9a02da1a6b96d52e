"""A tag is renamed while sessions add it to artifacts: every artifact shows the new name."""

import pytest
from psycopg import Connection, IsolationLevel

from tests.concurrency.sessions import NewSession, running, wait_until_blocked
from tests.concurrency.test_keys_change import waiting_session
from tests.concurrency.test_refresh import REFRESH
from tests.db.oracle import differences

REPEATABLE = IsolationLevel.REPEATABLE_READ

# Statements that tag an artifact without reading the tag.
MOVES = (
    "update artifacts set name = 'n' where name = 's1'",
    "update artifacts set type = 'agent' where name = 's1'",
    "update artifact_types set type = 'n' where type = 'skill'",
    "update artifact_tags set artifact_id = 'agent:a1' where artifact_id = 'skill:s1'",
)


@pytest.mark.parametrize("move", MOVES)
def test_an_artifact_tagged_during_a_rename_shows_the_new_name(
    session: NewSession, observer: Connection, move: str
) -> None:
    mover, namer = session(), session()
    mover.execute(move)
    namer.execute("update tags set name = 'N' where id = 'p'")
    mover.commit()
    observer.execute(REFRESH)
    namer.commit()

    before = differences(observer)
    observer.execute(REFRESH)

    assert (before, differences(observer)) == ([], [])


def test_all_artifacts_show_a_rename_that_cannot_see_their_tagging(
    session: NewSession, observer: Connection
) -> None:
    namer, tagger = session(REPEATABLE), session(REPEATABLE)
    tagger.execute("insert into artifact_tags (artifact_id, tag_id) values ('agent:a1', 'empty')")
    tagger.commit()
    observer.execute(REFRESH)

    namer.execute("update tags set name = 'N' where id = 'empty'")
    namer.commit()

    assert differences(observer) == []


def test_a_rename_reaches_a_tagging_that_it_waited_for(
    session: NewSession, observer: Connection
) -> None:
    tagger, namer = session(), waiting_session(session)
    tagger.execute("insert into artifact_tags (artifact_id, tag_id) values ('agent:a1', 'p')")

    with running(namer, "update tags set name = 'N' where id = 'p'") as named:
        wait_until_blocked(observer, namer, by=tagger, work=named)
        tagger.commit()
        observer.execute(REFRESH)
    named.result()

    assert differences(observer) == []
