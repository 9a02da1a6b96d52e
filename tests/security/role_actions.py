"""Statements that members of the two groups may run, and statements that are refused."""

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
    "sources",
    "source_collections",
    "source_artifacts",
)
# The tables without counts, from which a reader chooses the rows of a page.
READABLE = (
    "artifacts",
    "artifact_versions",
    "artifact_tags",
    "collection_artifacts",
    "group_artifacts",
)
COUNTED = (
    ("artifact_types", "artifact_count"),
    ("collections", "artifact_count"),
    ("collections", "group_count"),
    ("groups", "artifact_count"),
    ("tags", "artifact_count"),
)
RESERVED = [(table, column) for table, count in COUNTED for column in (count, f"{count}_key")]

# A trigger function on a table of the caller's rows would count rows that do not exist.
ON_A_TABLE_OF_MINE = (
    "create temp table mine (collection_id text, artifact_id text); "
    "create trigger t after insert on mine for each row execute function"
)

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
    "select setval('count_changes_seq_seq', 1)",
    "select * from artifact_changes",
    "insert into artifact_changes (artifact_id) values ('skill:s1')",
    "delete from artifact_changes",
    "select * from last_refresh",
    "update last_refresh set bypass_after_seq = 0",
    "refresh materialized view artifact_summaries_snapshot",
    "select repair_summaries()",
    "select preallocate_log_pages()",
    "select repair_counts()",
    "select recount_collections_artifact_count('{p}')",
    "select recount_tags_artifact_count('{p}')",
    "select settle_collections_artifact_count('{p}')",
    "select refuse_stale_truncate()",
    "create table mine (id text)",
    "create function sum(bigint) returns bigint language sql as 'select 0::bigint'",
    "drop trigger collection_artifacts_record_changes_on_insert on collection_artifacts",
    "set session_replication_role = replica",
    "select * from artifact_details",
    "select * from searchable_artifacts",
    "alter sequence count_changes_seq_seq restart",
    "alter function settle_counts() set search_path = pg_temp",
    "alter materialized view artifact_summaries_snapshot rename to mine",
    "alter domain catalogue_name drop constraint name_is_short_printable_and_trimmed",
    "drop index artifact_summaries_snapshot_id_idx",
    "create index on collections (artifact_count)",
    "create rule r as on insert to collections do instead nothing",
    "create or replace view count_drift as select 1",
    "lock table count_changes in access share mode",
    "copy collections to '/tmp/collections'",
    f"{ON_A_TABLE_OF_MINE} collection_artifacts_record_changes()",
    f"{ON_A_TABLE_OF_MINE} count_changes_settle()",
    f"{ON_A_TABLE_OF_MINE} tags_reset_counts()",
)
READER_MAY = (
    *(f"select * from {view}" for view in VIEWS),
    *(f"select * from {table}" for table in READABLE),
    "select pending_counts()",
    "select * from refresh_status()",
    "select * from summary_drift_of(array['skill:s1'])",
)
READER_MAY_NOT = (
    *(f"select * from {table}" for table in TABLES if table not in READABLE),
    *(f"delete from {table}" for table in TABLES),
    *(f"delete from {view}" for view in VIEWS if view.endswith("_live")),
    "insert into collections (name) values ('N')",
    "update artifacts set title = 'N'",
    "select settle_counts()",
    "select repair_counts()",
    "select nextval('count_changes_seq_seq')",
    "select * from count_changes",
    "select * from artifact_changes",
    "select refresh_artifact_summaries()",
    "select repair_summaries()",
    "lock table collection_artifacts in row share mode",
    "lock table artifact_summaries in row exclusive mode",
    f"{ON_A_TABLE_OF_MINE} collection_artifacts_record_changes()",
)
# Refused to a role that is in neither group.
OUTSIDER_MAY_NOT = (*APP_MAY, *READER_MAY)
