"""The cost of a page does not depend on the size of the catalogue."""

from collections.abc import Callable, Iterator
from hashlib import md5
from typing import Any

import pytest
from psycopg import Connection

import skillmeat
from skillmeat.api import queries
from skillmeat.catalogue import (
    add_artifacts,
    add_to_group,
    create_collection,
    create_group,
    find_collection,
    get_artifact,
    get_collection,
    list_artifacts,
    list_artifacts_stale,
    list_collections,
    move_in_group,
    remove_from_group,
)
from tests.catalogue.plans import count_rows_read, plans
from tests.conftest import database, database_name
from tests.plans.tree import count_rows_processed

# 5,000 artifacts, all in `default`, each in one of 100 collections and with two of 50 tags; a small
# collection and a rare tag at the very end of the catalogue; and 400 empty collections.
CATALOGUE = """
    insert into artifacts (type, name)
    select case when n % 5 = 0 then 'agent' else 'skill' end, to_char(n, 'FM0000')
    from generate_series(1, 5000) as n;

    insert into collections (id, name) values ('default', 'Default'), ('late', 'Late');
    insert into collections (id, name)
    select to_char(n, 'FM000'), 'C' || n from generate_series(1, 100) as n;
    insert into collections (name) select 'Empty ' || n from generate_series(1, 400) as n;

    insert into collection_artifacts (collection_id, artifact_id)
    select 'default', id from artifacts
    union all
    select to_char(name::int % 100 + 1, 'FM000'), id from artifacts
    union all
    select 'late', id from artifacts where name > '4900' and type = 'skill';

    insert into tags (id, name, slug)
    select 't' || n, 't' || n, 't' || n from generate_series(0, 49) as n;
    insert into tags (id, name, slug) values ('rare', 'rare', 'rare');
    insert into artifact_tags (artifact_id, tag_id)
    select id, 't' || name::int % 50 from artifacts
    union all
    select id, 't' || (name::int + 1) % 50 from artifacts
    union all
    select id, 'rare' from artifacts where name > '4990';
"""
STATES = {
    "changed, one by one": "",
    "refreshed": "select refresh_artifact_summaries()",
    "changed, all at once": "insert into artifact_changes (artifact_id) values ('')",
}
# The tables whose size is the catalogue's.
LARGE = frozenset(
    {
        "artifacts",
        "artifact_changes",
        "artifact_summaries_snapshot",
        "artifact_tags",
        "artifact_versions",
        "collection_artifacts",
    }
)
LIMIT = 20
# An artifact of this catalogue is one row, two or three tags and two or three memberships, and each
# of these is a change; it is found by one row more.
PER_ARTIFACT = 16


@pytest.fixture(scope="module")
def filled(server_url: str, template: str) -> Iterator[str]:
    """Yield the name of a database with the catalogue, which is copied for each state."""
    with database(server_url, template=template) as url:
        with skillmeat.connect(url, autocommit=True) as conn:
            conn.execute(CATALOGUE)
            conn.execute("select settle_counts()")
        yield database_name(url)


@pytest.fixture(scope="module", params=STATES)
def catalogue(request: pytest.FixtureRequest, server_url: str, filled: str) -> Iterator[str]:
    with database(server_url, template=filled) as url:
        with skillmeat.connect(url, autocommit=True) as conn:
            conn.execute(STATES[request.param])
            conn.execute("analyze")
        yield url


# A new session for each test would have the views to learn again.
@pytest.fixture(scope="module", params=["custom", "generic"])
def reader(request: pytest.FixtureRequest, catalogue: str) -> Iterator[Connection]:
    """Yield a session with custom plans, then one with generic plans."""
    with skillmeat.connect(catalogue, autocommit=True, prepare_threshold=0) as conn:
        conn.execute(f"set plan_cache_mode = force_{request.param}_plan")
        yield conn


FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"after": "skill:2500"},
    {"type": "agent"},
    {"type": "skill", "after": "skill:2500"},
    {"type": "workflow"},
    {"collection": "default"},
    {"collection": "default", "after": "skill:2500"},
    {"collection": "007"},
    {"collection": "late"},
    {"collection": "nowhere"},
    {"tag": "t7"},
    {"tag": "rare"},
    {"tag": "nowhere"},
    {"type": "skill", "collection": "late"},
    {"type": "skill", "tag": "rare"},
    {"before": "skill:2500"},
    {"type": "agent", "before": "agent:2500"},
    {"collection": "default", "before": "skill:2500"},
    {"collection": "late", "before": "z"},
    {"tag": "t7", "before": "skill:2500"},
    {"type": "skill", "collection": "default", "tag": "t7", "after": "skill:4000"},
    {"sort": "name", "after": "skill:2501"},
    {"sort": "updated"},
    {"sort": "updated", "before": "2026-01-01T00:00:00|skill:2501"},
    {"sort": "name", "collection": "default", "before": "skill:2501"},
)


@pytest.mark.parametrize(
    "filters", FILTERS, ids=[",".join(map("=".join, each.items())) or "all" for each in FILTERS]
)
def test_a_page_of_artifacts_reads_only_its_rows(
    reader: Connection, filters: dict[str, Any]
) -> None:
    with plans(reader) as found:
        page = list_artifacts(reader, limit=LIMIT, **filters)

    (plan,) = found
    assert count_rows_read(plan, of=LARGE) <= PER_ARTIFACT * (len(page.items) + 1)


def test_a_json_page_and_a_stale_page_read_only_their_rows(reader: Connection) -> None:
    with plans(reader) as found:
        queries.list_artifacts(reader, limit=LIMIT, after="skill:2500")
        list_artifacts_stale(reader, limit=LIMIT, before="skill:2500")

    assert [count_rows_read(plan, of=LARGE) <= PER_ARTIFACT * (LIMIT + 1) for plan in found] == [
        True,
        True,
    ]


PLANNED_ONCE = "select sum(generic_plans) from pg_prepared_statements where statement ~ 'artifact'"


def test_repeated_pages_use_a_generic_plan(catalogue: str) -> None:
    with skillmeat.connect(catalogue, autocommit=True) as conn:
        for number in range(10):
            list_artifacts(conn, after=f"skill:{number}")
            queries.list_artifacts(conn, limit=50, after=f"skill:{number}")

        found = conn.execute(PLANNED_ONCE).fetchone()

    assert found == (10,)


def test_a_read_of_one_artifact_or_collection_reads_only_its_rows(reader: Connection) -> None:
    with plans(reader) as found:
        get_artifact(reader, "skill:0004")
        get_collection(reader, "default")
        find_collection(reader, "Default")
        list_collections(reader, limit=LIMIT)

    assert [count_rows_read(plan, of=LARGE) <= PER_ARTIFACT for plan in found] == [True] * 4


def test_a_page_of_collections_by_name_reads_only_its_rows(reader: Connection) -> None:
    with plans(reader) as found:
        page = list_collections(reader, limit=LIMIT, sort="name")
        list_collections(reader, limit=LIMIT, sort="name", after=page.next)
        queries.list_collections(reader, limit=LIMIT, sort="name", before=page.next)

    read = [count_rows_read(plan, of=frozenset({"collections"})) for plan in found[:2]]
    assert read == [LIMIT + 1] * 2
    # The total counts every collection.
    assert count_rows_read(found[2], of=frozenset({"collections"})) <= LIMIT + 1 + 502


MEMBERS = [f"skill:{number:04}" for number in range(600)]
# A step of a plan that looks at each artifact of the group once counts as one.
STEPS = 25


@pytest.fixture(scope="module")
def unanalysed(server_url: str, template: str) -> Iterator[str]:
    """Yield a catalogue with one group, which the planner takes for empty."""
    with database(server_url, template=template) as url:
        with skillmeat.connect(url) as conn:
            conn.execute(
                "insert into artifacts (type, name)"
                " select 'skill', split_part(id, ':', 2) from unnest(%s::text[]) as id",
                [MEMBERS],
            )
            create_collection(conn, id="c", name="C")
            add_artifacts(conn, "c", MEMBERS)
            create_group(conn, "c", id="g", name="G")
            conn.execute("analyze")
            add_to_group(conn, "g", MEMBERS)
            conn.commit()
        yield url


def take_half(conn: Connection) -> None:
    remove_from_group(conn, "g", MEMBERS[::2])


def add_half(conn: Connection) -> None:
    conn.execute("delete from group_artifacts where artifact_id = any (%s)", [MEMBERS[::2]])
    add_to_group(conn, "g", MEMBERS[::2], position=1)


def append_half(conn: Connection) -> None:
    conn.execute("delete from group_artifacts where artifact_id = any (%s)", [MEMBERS[::2]])
    add_to_group(conn, "g", MEMBERS[::2])


def reverse_by_id(conn: Connection) -> None:
    move_in_group(conn, "g", dict(zip(reversed(MEMBERS), range(len(MEMBERS)), strict=True)))


def reverse_by_uuid(conn: Connection) -> None:
    uuids = [md5(each.encode(), usedforsecurity=False).hexdigest() for each in reversed(MEMBERS)]
    move_in_group(conn, "g", dict(zip(uuids, range(len(MEMBERS)), strict=True)))


@pytest.mark.parametrize(
    "write", [take_half, add_half, append_half, reverse_by_id, reverse_by_uuid]
)
@pytest.mark.parametrize("mode", ["custom", "generic"])
def test_a_change_of_a_group_looks_at_each_artifact_a_few_times(
    unanalysed: str, write: Callable[[Connection], None], mode: str
) -> None:
    with skillmeat.connect(unanalysed, prepare_threshold=0) as conn:
        conn.execute(f"set plan_cache_mode = force_{mode}_plan")
        with plans(conn) as found:
            write(conn)
        conn.rollback()

    steps = max(count_rows_processed(plan) for plan in found) / len(MEMBERS)
    assert steps < STEPS
