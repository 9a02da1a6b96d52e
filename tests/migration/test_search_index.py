"""The indexes of the search are built beside writers, and again after an interrupted build."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import psycopg
import pytest
from psycopg import Connection, IsolationLevel

import skillmeat
from db.render import render_all
from skillmeat import migration
from skillmeat.migration import MigrationStatus
from tests.db.sample import SAMPLE

Result = TypeVar("Result")

BEFORE = "0003_summaries"
IS_VALID = """
select c.relname, i.indisvalid
from pg_index as i
inner join pg_class as c on c.oid = i.indexrelid
inner join pg_am as m on m.oid = c.relam
where c.relnamespace = current_schema()::regnamespace and m.amname = 'gin'
order by c.relname
"""
BOTH = [
    ("artifact_contents_content_idx", True),
    ("artifacts_name_title_description_idx", True),
    ("tags_name_idx", True),
]


@pytest.fixture
def old_url(empty_url: str) -> str:
    """Return the URL of a catalogue with rows that cannot be searched yet."""
    migration.upgrade(BEFORE, url=empty_url)
    with skillmeat.connect(empty_url) as conn:
        conn.execute(SAMPLE)
    return empty_url


def test_writers_keep_writing_while_the_build_waits_for_an_old_snapshot(old_url: str) -> None:
    with (
        skillmeat.connect(old_url, autocommit=True) as writer,
        held_up(old_url, upgrade, watcher=writer) as upgraded,
    ):
        writer.execute("set lock_timeout = '5s'")
        writer.execute("insert into artifacts (type, name) values ('skill', 'quokka')")
        writer.execute("update artifacts set description = 'Wombats' where name = 's1'")
        writer.execute("delete from artifacts where name = 's2'")
        held = upgraded.running()

    assert (held, upgraded.result().up_to_date) == (True, True)
    assert search(old_url, "quokka") == ["skill:quokka"]
    assert search(old_url, "wombat") == ["skill:s1"]


def test_an_interrupted_build_may_be_run_again(old_url: str) -> None:
    with (
        skillmeat.connect(old_url, autocommit=True) as killer,
        held_up(old_url, build_index, watcher=killer) as build,
    ):
        killer.execute("select pg_terminate_backend(pid) from pg_stat_progress_create_index")
        assert isinstance(build.exception(), psycopg.Error)
        left = killer.execute(IS_VALID).fetchall()

    migration.upgrade(url=old_url)

    with skillmeat.connect(old_url) as conn:
        built = conn.execute(IS_VALID).fetchall()
    assert (left, built) == ([(BOTH[0][0], False)], BOTH)
    assert search(old_url, "s1") == ["skill:s1"]


def upgrade(url: str) -> MigrationStatus:
    return migration.upgrade(url=url)


def build_index(url: str) -> None:
    """Build an index that holds up, as a script without the wait for older transactions does."""
    with skillmeat.connect(url, autocommit=True) as conn:
        conn.execute(render_all()[f"indexes/{BOTH[0][0]}.sql"].split(";")[0])


@contextmanager
def held_up(
    url: str, work: Callable[[str], Result], *, watcher: Connection
) -> Iterator[Future[Result]]:
    """Yield the work, which waits for an older snapshot until the block ends."""
    with ThreadPoolExecutor(1) as pool, skillmeat.connect(url) as holder:
        holder.isolation_level = IsolationLevel.REPEATABLE_READ
        holder.execute("select")
        done = pool.submit(work, url)
        waiting = (
            "select from pg_stat_progress_create_index where phase like 'waiting%' union all "
            "select from pg_stat_activity where wait_event = 'PgSleep' and query like '%$wait$%'"
        )
        while not watcher.execute(waiting).rowcount and not done.done():
            pass
        yield done


def search(url: str, text: str) -> list[str]:
    with skillmeat.connect(url) as conn:
        found = conn.execute("select artifact_id from search_artifacts(%s)", [text])
        return sorted(artifact for (artifact,) in found)
