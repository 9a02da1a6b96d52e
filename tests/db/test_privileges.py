"""What <schema>_app and <schema>_reader may do, and that a hostile session changes nothing."""

import pytest
from psycopg import Connection, errors, sql

from tests.db.oracle import differences

VIEWS = (
    "artifact_summaries",
    "artifact_summaries_live",
    "artifact_summaries_snapshot",
    "artifact_type_summaries",
    "collection_summaries",
    "count_drift",
    "group_summaries",
    "snapshot_age",
    "snapshot_bypass",
    "summary_drift",
    "tag_summaries",
)
TABLES = (
    "artifact_types",
    "artifacts",
    "artifact_versions",
    "tags",
    "artifact_tags",
    "collections",
    "collection_artifacts",
    "groups",
    "group_artifacts",
    "project_templates",
)
# What a reader chooses a page from.
LINKS = ("artifact_tags", "collection_artifacts", "group_artifacts")
COUNTED = (
    ("artifact_types", "artifact_count"),
    ("collections", "artifact_count"),
    ("collections", "group_count"),
    ("groups", "artifact_count"),
    ("tags", "artifact_count"),
)
RESERVED = [(table, column) for table, count in COUNTED for column in (count, f"{count}_key")]

APP_MAY = (
    *(f"select * from {view}" for view in VIEWS),
    *(f"select * from {table}" for table in TABLES),
    *(f"delete from {table}" for table in TABLES),
    "select settle_counts()",
    "select pending_counts()",
    "select refresh_artifact_summaries()",
    "select * from refresh_status()",
    "insert into artifact_types (type) values ('new')",
    "update artifact_types set type = 'new' where type = 'skill'",
    "insert into artifacts (type, name, title, metadata) values ('skill', 'n', 'N', '{}')",
    "update artifacts set type = 'agent', name = 'new', title = 'N' where name = 's1'",
    "insert into artifact_versions (artifact_id, content_hash) values ('skill:s1', 'h')",
    "insert into tags (name, slug) values ('N', 'n')",
    "insert into tags (id, name, slug, color) values ('n', 'N', 'n', '#aabbcc')",
    "update tags set id = 'n', name = 'N', slug = 'n', color = null where id = 'p'",
    "insert into artifact_tags (artifact_id, tag_id) values ('skill:s1', 'q')",
    "update artifact_tags set tag_id = 'empty' where tag_id = 'p'",
    "insert into collections (name) values ('N')",
    (
        "insert into collections (id, name, description) values ('p', 'P', 'd') "
        "on conflict (id) do update set description = excluded.description"
    ),
    "update collections set id = 'new', name = 'N' where id = 'default'",
    "insert into collection_artifacts (collection_id, artifact_id) values ('p', 'agent:a1')",
    "update collection_artifacts set collection_id = 'empty' where collection_id = 'default'",
    "insert into groups (collection_id, name) values ('p', 'N')",
    "update groups set id = 'new', position = 3 where id = 'gp'",
    (
        "insert into group_artifacts (collection_id, group_id, artifact_id) "
        "values ('default', 'empty', 'skill:s1')"
    ),
    "update group_artifacts set group_id = 'empty' where group_id = 'gp'",
    "insert into project_templates (name, collection_id) values ('N', 'p')",
)
APP_MAY_NOT = (
    *(f"update {table} set {column} = 1" for table, column in RESERVED),
    *(f"truncate {table} cascade" for table in TABLES),
    *(f"alter table {table} disable trigger user" for table in TABLES),
    "update collection_summaries set description = 'new'",
    "insert into artifact_types (type, artifact_count) values ('new', 1)",
    "insert into artifact_types (type, artifact_count_key) values ('new', 1)",
    "insert into collections (name, artifact_count) values ('N', 1)",
    "insert into collections (name, artifact_count_key) values ('N', 1)",
    "insert into collections (name, group_count) values ('N', 1)",
    (
        "insert into collections (name) values ('P') "
        "on conflict (name) do update set artifact_count = 9"
    ),
    (
        "merge into collections as c using (values ('p')) as v (id) on c.id = v.id "
        "when matched then update set group_count = 9"
    ),
    "insert into groups (collection_id, name, artifact_count) values ('p', 'N', 1)",
    "insert into tags (name, slug, artifact_count) values ('N', 'n', 1)",
    "copy collections (id, name, artifact_count) from stdin",
    "select * from count_changes",
    (
        "insert into count_changes (count_key, counter, parent, delta) "
        "values (1, 'tags.artifact_count', 'p', 1)"
    ),
    "update count_changes set delta = 1",
    "delete from count_changes",
    "truncate count_changes",
    "select setval('count_keys', 1)",
    "select * from artifact_changes",
    "insert into artifact_changes (artifact_id) values ('skill:s1')",
    "delete from artifact_changes",
    "select * from last_refresh",
    "update last_refresh set crowded_at = 0",
    "refresh materialized view artifact_summaries_snapshot",
    "select repair_summaries()",
    "select widen_logs()",
    "select repair_counts()",
    "select recount_collections_artifact_count('{p}')",
    "select recount_tags_artifact_count('{p}')",
    "select refuse_stale_truncate()",
    "create table mine (id text)",
    "create function sum(bigint) returns bigint language sql as 'select 0::bigint'",
    "drop trigger collection_artifacts_are_counted_on_insert on collection_artifacts",
    "set session_replication_role = replica",
    "select * from alembic_version",
)
READER_MAY = (
    *(f"select * from {view}" for view in VIEWS),
    *(f"select * from {table}" for table in LINKS),
    "select pending_counts()",
    "select * from refresh_status()",
)
READER_MAY_NOT = (
    *(f"select * from {table}" for table in TABLES if table not in LINKS),
    *(f"delete from {table}" for table in TABLES),
    *(f"delete from {view}" for view in VIEWS if view.endswith("_live")),
    "insert into collections (name) values ('N')",
    "update artifacts set title = 'N'",
    "select settle_counts()",
    "select repair_counts()",
    "select nextval('count_keys')",
    "select * from count_changes",
    "select * from artifact_changes",
    "select refresh_artifact_summaries()",
    "select repair_summaries()",
)


@pytest.mark.parametrize("statement", APP_MAY)
def test_the_app_may(sample: Connection, statement: str) -> None:
    sample.execute("set local role skillmeat_app")

    sample.execute(statement)
    sample.execute("reset role")

    inside = differences(sample)
    sample.commit()
    assert (inside, differences(sample)) == ([], [])


@pytest.mark.parametrize("statement", READER_MAY)
def test_the_reader_may(sample: Connection, statement: str) -> None:
    sample.execute("set local role skillmeat_reader")

    assert sample.execute(statement).description is not None


@pytest.mark.parametrize(
    ("role", "forbidden"),
    [("skillmeat_app", APP_MAY_NOT), ("skillmeat_reader", READER_MAY_NOT)],
)
def test_the_role_may_not(sample: Connection, role: str, forbidden: tuple[str, ...]) -> None:
    refused = {each: refusal(sample, role, each) for each in forbidden}

    # A view that cannot be updated at all says so first.
    assert {each: state for each, state in refused.items() if state not in {"42501", "55000"}} == {}


def test_no_role_may_call_a_function_by_public_right(sample: Connection) -> None:
    callable_by_all = sample.execute(
        "select proname from pg_proc "
        "where pronamespace = current_schema()::regnamespace "
        "and has_function_privilege('public', oid, 'execute')"
    ).fetchall()

    assert callable_by_all == []


def test_what_runs_with_the_owners_rights_has_a_frozen_search_path(sample: Connection) -> None:
    first_settings = sample.execute(
        "select distinct replace(proconfig[1], '\"', '') from pg_proc "
        "where pronamespace = current_schema()::regnamespace"
    ).fetchall()

    assert first_settings in (
        [("search_path=skillmeat, pg_temp",)],
        [("search_path=skillmeat,pg_temp",)],
    )


HOSTILE = """
create schema hostile;
create function hostile.zero(bigint, bigint) returns bigint language sql as 'select 0::bigint';
create aggregate hostile.sum(bigint) (sfunc = hostile.zero, stype = bigint, initcond = '999');
create aggregate hostile.array_agg(text) (sfunc = array_append, stype = text[]);
create function hostile.current_setting(text) returns text language sql as $$ select 'no' $$;
create function hostile.less(bigint, bigint) returns boolean language sql as 'select false';
create operator hostile.+ (leftarg = bigint, rightarg = bigint, function = hostile.zero);
create operator hostile.>= (leftarg = bigint, rightarg = bigint, function = hostile.less);
create function hostile.nextval(regclass) returns bigint language sql as 'select 1::bigint';
create table hostile.collections as table collections;
create table hostile.count_changes as table count_changes;
grant all on schema hostile to skillmeat_app;
grant all on all tables in schema hostile to skillmeat_app;
set local role skillmeat_app;
create temp table count_changes as table hostile.count_changes;
create temp table collections as table hostile.collections;
create temp table collection_artifacts (collection_id text, artifact_id text);
create temp table new_rows (collection_id text);
create temp table old_rows (collection_id text);
create temp sequence count_keys;
set local search_path = pg_temp, hostile, pg_catalog, skillmeat;
"""


def test_a_hostile_session_changes_no_count(sample: Connection) -> None:
    sample.execute(HOSTILE)
    sample.execute(
        "insert into skillmeat.collection_artifacts (collection_id, artifact_id) "
        "values ('p', 'agent:a1')"
    )
    sample.execute("update skillmeat.collections set id = 'new' where id = 'q'")
    sample.execute("delete from skillmeat.collection_artifacts where artifact_id = 'skill:s2'")
    sample.execute("insert into skillmeat.collections (id, name) values ('x', 'X')")
    sample.execute("set constraints all immediate")
    sample.execute("select skillmeat.settle_counts()")
    sample.execute("reset role; set local search_path = skillmeat, pg_temp")

    wrong = differences(sample)

    answers = sample.execute(
        "select id, artifact_count from collection_summaries where id in ('p', 'new') order by 1"
    ).fetchall()
    assert (wrong, answers) == ([], [("new", 3), ("p", 4)])


def refusal(conn: Connection, role: str, statement: str) -> str | None:
    """The SQLSTATE with which a role is refused, or None; nothing is kept."""
    conn.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
    try:
        conn.execute(statement)
    except errors.Error as error:
        return error.sqlstate
    else:
        return None
    finally:
        conn.rollback()
