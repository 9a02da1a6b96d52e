"""A refresh beside open writers and readers: no session waits, and no change is lost."""

import pytest
from psycopg import Connection, IsolationLevel, errors

from tests.concurrency.sessions import NewSession, running, wait_until_blocked
from tests.concurrency.test_keys_change import waiting_session
from tests.db.conftest import LEVELS
from tests.db.oracle import differences

REFRESH = "select refresh_artifact_summaries()"
BUILD_AN_INDEX = "create index on artifact_summaries_snapshot (name)"

# Every table that a page shows, and every kind of statement.
WRITES = (
    "insert into artifacts (type, name) values ('skill', 'n')",
    "update artifacts set title = 'New' where name = 's1'",
    "update artifacts set name = 'n' where name = 's1'",
    "delete from artifacts where name = 's1'",
    "update artifact_types set type = 'n' where type = 'skill'",
    "delete from artifact_types where type = 'skill'",
    "insert into artifact_versions (artifact_id, content_hash) values ('skill:s1', 'x')",
    "update artifact_versions set version = '9'",
    "delete from artifact_versions",
    "insert into artifact_tags (artifact_id, tag_id) values ('skill:s1', 'q')",
    "update artifact_tags set tag_id = 'empty' where tag_id = 'p'",
    "delete from artifact_tags",
    "update tags set name = 'N' where id = 'p'",
    "update tags set id = 'n' where id = 'p'",
    "delete from tags where id = 'p'",
    "insert into collection_artifacts (collection_id, artifact_id) values ('empty', 'skill:s1')",
    "update collection_artifacts set collection_id = 'empty' where collection_id = 'p'",
    "delete from collection_artifacts",
    "update collections set name = 'N' where id = 'p'",
    "update collections set id = 'n' where id = 'p'",
    "delete from collections where id = 'p'",
)
# Pairs of writers of one artifact, each with its own row.
BESIDE_EACH_OTHER = (
    "insert into artifact_tags (artifact_id, tag_id) values ('skill:s1', 'q')",
    "insert into artifact_tags (artifact_id, tag_id) values ('skill:s1', 'empty')",
    "delete from artifact_tags where artifact_id = 'skill:s1'",
    "insert into collection_artifacts (collection_id, artifact_id) values ('q', 'skill:s1')",
    "insert into collection_artifacts (collection_id, artifact_id) values ('empty', 'skill:s1')",
    "delete from collection_artifacts where (collection_id, artifact_id) = ('p', 'skill:s1')",
    "insert into artifact_versions (artifact_id, content_hash) values ('skill:s1', 'x')",
)
# At the other level a writer sees other rows, but logs the same ones.
AT_EACH_LEVEL = [
    pytest.param(
        level,
        write,
        marks=(
            pytest.mark.exhaustive if level is LEVELS[1] and not write.startswith("insert") else ()
        ),
    )
    for level in LEVELS[:2]
    for write in WRITES
]
ADD_TO_GROUP = (
    "insert into group_artifacts (collection_id, group_id, artifact_id) "
    "values ('p', 'p1', 'skill:s1')"
)
EDIT = "update artifacts set title = 'New', metadata = '{\"a\": 1}' where name = 's1'"
MERGE_EDIT = """
insert into artifacts (type, name, title) values ('skill', 's1', 'Newer')
on conflict (id) do update set title = excluded.title
"""


def describe(value: IsolationLevel | str) -> str:
    return value.name.lower() if isinstance(value, IsolationLevel) else value


@pytest.mark.parametrize(("level", "write"), AT_EACH_LEVEL, ids=describe)
def test_a_change_that_is_open_during_a_refresh_is_shown_after_its_commit(
    session: NewSession, observer: Connection, level: IsolationLevel, write: str
) -> None:
    writer, refresher = session(level), session()
    writer.execute(write)
    inside = differences(writer)

    for _ in range(2):
        refresher.execute("update artifacts set license = 'MIT' where name = 'a1'")
        refresher.execute(REFRESH)
        refresher.commit()
    between = differences(observer)
    inside += differences(writer)
    writer.commit()

    assert (inside, between, differences(observer)) == ([], [], [])


@pytest.mark.parametrize("write", WRITES)
def test_writers_and_readers_do_not_wait_while_a_refresh_is_open(
    session: NewSession, observer: Connection, write: str
) -> None:
    refresher, writer, reader = session(), session(), session(IsolationLevel.REPEATABLE_READ)
    observer.execute("update artifacts set license = 'MIT' where name = 'a1'")
    refresher.execute(REFRESH)

    writer.execute(write)
    wrong = differences(writer) + differences(reader)
    writer.commit()
    wrong += differences(observer)
    refresher.commit()

    assert wrong + differences(reader) + differences(observer) == []


@pytest.mark.parametrize("write", WRITES)
def test_a_change_committed_between_the_two_halves_of_a_refresh_is_kept(
    session: NewSession, observer: Connection, write: str
) -> None:
    writer, holder, refresher = session(), session(), waiting_session(session)
    observer.execute("update artifacts set license = 'MIT' where name = 'a1'")
    writer.execute(write)
    holder.execute(BUILD_AN_INDEX)

    with running(refresher, REFRESH) as refreshed:
        wait_until_blocked(observer, refresher, by=holder, work=refreshed)
        writer.commit()
        between = differences(observer)
        holder.rollback()
    refreshed.result()

    (kept,) = observer.execute("select count(*) > 0 from artifact_changes").fetchone() or (None,)
    assert (between, differences(observer)) == ([], [])
    assert kept


def test_a_second_refresh_returns_at_once(session: NewSession, observer: Connection) -> None:
    first, second = session(), session()
    observer.execute("update artifacts set title = 'New' where name = 's1'")
    first.execute(REFRESH)

    absorbed = second.execute(REFRESH).fetchone()
    first.rollback()
    again = second.execute(REFRESH).fetchone()
    second.commit()

    assert (absorbed, again, differences(observer)) == ((None,), (1,), [])


@pytest.mark.parametrize("one", BESIDE_EACH_OTHER)
@pytest.mark.parametrize(
    "level",
    [LEVELS[0], pytest.param(LEVELS[1], marks=pytest.mark.exhaustive)],
    ids=describe,
)
def test_writers_of_one_artifact_do_not_wait_for_each_other(
    session: NewSession, observer: Connection, one: str, level: IsolationLevel
) -> None:
    first, second = session(level), session(level)
    first.execute(one)
    wrong = {}

    for other in BESIDE_EACH_OTHER:
        if other != one:
            second.execute(other)
            wrong[other] = differences(first) + differences(second)
            second.rollback()
    first.rollback()

    assert {other: found for other, found in wrong.items() if found} == {}
    assert differences(observer) == []


@pytest.mark.parametrize("write", [*BESIDE_EACH_OTHER, ADD_TO_GROUP])
def test_an_edit_does_not_wait_for_an_open_writer_of_the_artifact(
    session: NewSession, observer: Connection, write: str
) -> None:
    writer, editor = session(), session()
    writer.execute(write)

    editor.execute(EDIT)
    editor.execute(MERGE_EDIT)
    editor.commit()
    writer.commit()

    assert differences(observer) == []


def test_a_refresh_does_not_queue_behind_readers_of_an_unfit_index(
    session: NewSession, observer: Connection
) -> None:
    observer.execute("drop index artifact_summaries_snapshot_id_idx")
    observer.execute(
        "create index artifact_summaries_snapshot_id_idx on artifact_summaries_snapshot (id)"
    )
    reader, refresher = session(), session()
    reader.execute("select from artifact_summaries_snapshot")

    with pytest.raises(errors.LockNotAvailable) as refused:
        refresher.execute("select refresh_artifact_summaries()")

    hint = "Run DROP INDEX CONCURRENTLY artifact_summaries_snapshot_id_idx."
    assert refused.value.diag.message_hint == hint
