"""Functions, triggers and views never use the objects that a hostile role creates."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import Connection, errors, sql

from tests.db.oracle import differences
from tests.security.conftest import Owned
from tests.security.hostile_objects import create_hostile_objects
from tests.security.matrix import rows

# Each trigger fires, also if hostile objects change the meaning of these statements.
WRITES = """
insert into skillmeat.artifact_types (type) values ('new');
insert into skillmeat.artifacts (type, name) values ('new', 'one two'), ('new', 'three');
update skillmeat.artifacts set title = 'T' where id operator(pg_catalog.=) 'new:one two';
update skillmeat.artifacts set name = 'four' where id operator(pg_catalog.=) 'new:three';
insert into skillmeat.artifact_versions (artifact_id, content_hash) values ('new:four', 'h');
update skillmeat.artifact_versions set version = '9';
delete from skillmeat.artifact_versions where artifact_id operator(pg_catalog.=) 'agent:a1';
insert into skillmeat.tags (id, name, slug) values ('t', 'T', 't');
update skillmeat.tags set name = 'U', color = '#aabbcc' where id operator(pg_catalog.=) 't';
insert into skillmeat.artifact_tags (tag_id, artifact_id) values ('t', 'new:four');
update skillmeat.artifact_tags set tag_id = 't' where artifact_id operator(pg_catalog.=) 'agent:a1';
insert into skillmeat.collections (id, name) values ('n', 'N');
update skillmeat.collections set name = 'M', description = 'D' where id operator(pg_catalog.=) 'n';
insert into skillmeat.collection_artifacts (collection_id, artifact_id) values ('n', 'new:four');
update skillmeat.collection_artifacts set collection_id = 'n'
where (collection_id, artifact_id) operator(pg_catalog.=) ('default', 'agent:a1');
insert into skillmeat.groups (collection_id, id, name) values ('n', 'g', 'G');
insert into skillmeat.group_artifacts (collection_id, group_id, artifact_id)
values ('n', 'g', 'new:four');
update skillmeat.groups set position = 3 where id operator(pg_catalog.=) 'g';
update skillmeat.groups set id = 'h' where id operator(pg_catalog.=) 'g';
update skillmeat.groups set collection_id = 'q' where id operator(pg_catalog.=) 'p1';
update skillmeat.collections set id = 'm' where id operator(pg_catalog.=) 'n';
update skillmeat.collections set id = 'd' where id operator(pg_catalog.=) 'default';
update skillmeat.tags set id = 'u' where id operator(pg_catalog.=) 't';
update skillmeat.artifact_types set type = 'newer' where type operator(pg_catalog.=) 'new';
insert into skillmeat.project_templates (name) values ('N');
update skillmeat.project_templates set description = 'D';
set constraints all immediate;
delete from skillmeat.artifacts where id operator(pg_catalog.=) 'skill:s1';
delete from skillmeat.collections where id operator(pg_catalog.=) 'q';
delete from skillmeat.groups where id operator(pg_catalog.=) 'gq';
delete from skillmeat.tags where id operator(pg_catalog.=) 'q';
delete from skillmeat.artifact_types where type operator(pg_catalog.=) 'agent';
"""
CALLS = """
select skillmeat.pending_counts();
select skillmeat.settle_counts();
select * from skillmeat.refresh_status();
select * from skillmeat.search_artifacts('one tw T');
select * from skillmeat.summary_drift_of('{new:four}');
select skillmeat.refresh_artifact_summaries();
"""
# Functions that only the owner calls, but that other roles call through triggers.
CALLED_BY_OTHERS = {"search_terms(text)", "preallocate_log_pages()"}
CALLED = """
select f.funcid::regprocedure::text
from pg_stat_xact_user_functions as f where f.schemaname = 'skillmeat'
"""


@pytest.fixture(scope="module")
def attacker(owned: Owned) -> Iterator[Connection]:
    """Yield a session of a member of <schema>_app that has created hostile objects."""
    role = sql.Identifier(owned.app)
    with psycopg.connect(owned.url, autocommit=True) as admin:
        admin.execute(sql.SQL("create schema evil authorization {}").format(role))
        admin.execute(sql.SQL("alter role {} set track_functions = 'all'").format(role))
        try:
            with owned.connect("app") as conn, conn.transaction(force_rollback=True):
                create_hostile_objects(conn)
                yield conn
        finally:
            admin.execute(sql.SQL("alter role {} reset all").format(role))
            admin.execute("drop schema evil cascade")


@pytest.mark.parametrize(
    "unqualified",
    [
        "select count('a'::pg_catalog.text)",
        "select cardinality('{a}'::pg_catalog.text[])",
        "select unnest('{a}'::pg_catalog.text[])",
        "select settle_counts()",
        "select 'a'::pg_catalog.text = 'a'::pg_catalog.text",
        "select 1::pg_catalog.int8 + 1::pg_catalog.int8",
        "select * from count_changes",
        "select * from pg_class",
        "select 'true'::text",
        "select 'true'::catalogue_name",
    ],
)
def test_a_query_without_a_fixed_search_path_uses_the_hostile_objects(
    attacker: Connection, unqualified: str
) -> None:
    with (
        pytest.raises((errors.RaiseException, errors.CheckViolation)),
        attacker.transaction(force_rollback=True),
    ):
        attacker.execute(unqualified)


def test_no_hostile_object_is_used(attacker: Connection) -> None:
    with attacker.transaction(force_rollback=True):
        attacker.execute(WRITES + CALLS)
        attacker.execute("set local search_path = skillmeat, pg_temp")

        assert differences(attacker) == []


def test_the_tests_call_every_function(attacker: Connection) -> None:
    may = {each.object for each in rows() if each.kind == "function" and each.app == "X"}
    triggers = {each.object for each in rows() if each.kind == "trigger"}
    with attacker.transaction(force_rollback=True):
        attacker.execute(WRITES + CALLS)
        attacker.execute("set local search_path = skillmeat, pg_temp")

        called = {name for (name,) in attacker.execute(CALLED)}

    assert (may | triggers | CALLED_BY_OTHERS) - called == set()


def test_views_return_the_same_rows_beside_hostile_objects(attacker: Connection) -> None:
    views = [each.object for each in rows() if each.kind in ("view", "snapshot") and each.of("app")]

    def answers() -> dict[str, list[str]]:
        return {
            each: sorted(map(repr, attacker.execute(f"table skillmeat.{each}"))) for each in views
        }

    hostile = answers()
    with attacker.transaction(force_rollback=True):
        attacker.execute("set local search_path = skillmeat, pg_temp")

        assert answers() == hostile
