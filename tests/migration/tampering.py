"""What a catalogue may suffer: the statements, and which object must be named.

`{role}` stands for a role that has no business there.
"""

from psycopg import Connection

SETTLE = "settle_counts()"
LIVE = "artifact_summaries_live"
SNAPSHOT = "artifact_summaries_snapshot"
COUNTED = "collection_artifacts_are_counted_on_insert"
KEY = "collection_artifacts.collection_artifacts_are_in_a_collection"
ON = "on collection_artifacts"
DROP_KEY = (
    "alter table collection_artifacts drop constraint collection_artifacts_are_in_a_collection"
)
ADD_KEY = (
    "alter table collection_artifacts add constraint collection_artifacts_are_in_a_collection "
    "foreign key (collection_id) references collections (id)"
)
RECREATE = (
    f"drop trigger {COUNTED} {ON}; create trigger {COUNTED} after insert {ON} "
    "referencing new table as new_rows for each statement"
)
REMADE = f"drop materialized view {SNAPSHOT} cascade; create materialized view {SNAPSHOT} as select"

TAMPERINGS: dict[str, tuple[str, str]] = {
    "a_function_runs_as_its_caller": (f"alter function {SETTLE} security invoker", SETTLE),
    "a_function_has_another_search_path": (
        f"alter function {SETTLE} set search_path = pg_temp, skillmeat",
        SETTLE,
    ),
    "a_function_has_no_search_path": (f"alter function {SETTLE} reset search_path", SETTLE),
    "a_function_has_one_more_setting": (f"alter function {SETTLE} set jit = off", SETTLE),
    "a_function_is_stable": (f"alter function {SETTLE} stable", SETTLE),
    "a_function_is_parallel_safe": (f"alter function {SETTLE} parallel safe", SETTLE),
    "a_function_is_strict": (f"alter function {SETTLE} strict", SETTLE),
    "a_function_is_dear": (f"alter function {SETTLE} cost 7", SETTLE),
    "a_function_is_leakproof": (f"alter function {SETTLE} leakproof", SETTLE),
    "a_function_belongs_to_another": (f"alter function {SETTLE} owner to {{role}}", SETTLE),
    "a_function_is_renamed": (f"alter function {SETTLE} rename to settled", SETTLE),
    "a_function_is_dropped": (f"drop function {SETTLE}", SETTLE),
    "a_function_is_dropped_with_one_that_it_calls": (
        "drop function search_artifacts(text); drop function search_terms(text)",
        "search_artifacts(text)",
    ),
    "a_function_returns_something_else": (
        f"drop function {SETTLE}; create function {SETTLE} returns int language sql as 'select 1'",
        SETTLE,
    ),
    "everybody_may_call_a_function": (f"grant execute on function {SETTLE} to public", SETTLE),
    "the_application_may_not_call_a_function": (
        f"revoke execute on function {SETTLE} from skillmeat_app",
        SETTLE,
    ),
    "a_trigger_function_is_dropped": (
        "drop function collection_artifacts_are_counted() cascade",
        "collection_artifacts_are_counted()",
    ),
    "a_trigger_function_does_nothing": (
        (
            "create or replace function collection_artifacts_are_counted() returns trigger "
            "language plpgsql as 'begin return null; end'"
        ),
        "collection_artifacts_are_counted()",
    ),
    "a_function_is_overloaded": (
        "create function settle_counts(int) returns int language sql as 'select 1'",
        "settle_counts(integer)",
    ),
    "a_function_hides_one_of_postgres": (
        "create function char_length(catalogue_name) returns int language sql as 'select 1'",
        "char_length(skillmeat.catalogue_name)",
    ),
    "an_operator_hides_one_of_postgres": (
        (
            "create function same(catalogue_name, text) returns bool "
            "language sql as 'select true'; "
            "create operator = (leftarg = catalogue_name, rightarg = text, function = same)"
        ),
        "= (skillmeat.catalogue_name, text)",
    ),
    "a_trigger_is_disabled": (
        f"alter table collection_artifacts disable trigger {COUNTED}",
        f"collection_artifacts.{COUNTED}",
    ),
    "a_trigger_fires_on_replicas_only": (
        f"alter table collection_artifacts enable replica trigger {COUNTED}",
        f"collection_artifacts.{COUNTED}",
    ),
    "a_trigger_fires_on_replicas_too": (
        f"alter table collection_artifacts enable always trigger {COUNTED}",
        f"collection_artifacts.{COUNTED}",
    ),
    "a_trigger_is_dropped": (f"drop trigger {COUNTED} {ON}", f"collection_artifacts.{COUNTED}"),
    "a_trigger_is_renamed": (
        f"alter trigger {COUNTED} {ON} rename to other",
        f"collection_artifacts.{COUNTED}",
    ),
    "a_trigger_has_a_condition": (
        (
            f"{RECREATE} when (current_user <> 'x') "
            "execute function collection_artifacts_are_counted()"
        ),
        f"collection_artifacts.{COUNTED}",
    ),
    "a_trigger_calls_another_function": (
        f"{RECREATE} execute function collection_artifacts_log_changes()",
        f"collection_artifacts.{COUNTED}",
    ),
    "a_constraint_trigger_is_no_longer_deferred": (
        (
            "drop trigger count_changes_settle on count_changes; create constraint trigger "
            "count_changes_settle after insert on count_changes for each row "
            "execute function count_changes_settle()"
        ),
        "count_changes.count_changes_settle",
    ),
    "all_triggers_are_disabled": ("alter table collection_artifacts disable trigger all", KEY),
    "only_the_triggers_of_users_are_disabled": (
        "alter table artifact_tags disable trigger user",
        "artifact_tags.artifact_tags_log_changes_on_update",
    ),
    "there_is_one_more_trigger": (
        (
            f"create trigger zz before insert {ON} "
            "for each row execute function suppress_redundant_updates_trigger()"
        ),
        "collection_artifacts.zz",
    ),
    "there_is_a_rule": (
        "create rule nothing as on delete to collection_artifacts do instead nothing",
        "collection_artifacts.nothing",
    ),
    "row_level_security_is_on": ("alter table artifacts enable row level security", "artifacts"),
    "there_is_a_policy": ("create policy p on artifacts using (false)", "artifacts.p"),
    "a_view_is_replaced": (
        (
            "do $do$ begin execute format('create or replace view count_drift as "
            "select * from (%s) "
            "as d where false', rtrim(pg_get_viewdef('count_drift'::regclass), ';')); end $do$"
        ),
        "count_drift",
    ),
    "a_view_is_dropped": (f"drop view {LIVE} cascade", LIVE),
    "a_view_loses_a_column": (
        "drop view count_drift cascade; create view count_drift as select ''::text as counter",
        "count_drift",
    ),
    "a_view_gets_an_option": ("alter view count_drift set (security_barrier)", "count_drift"),
    "a_view_belongs_to_another": ("alter view count_drift owner to {role}", "count_drift"),
    "the_snapshot_is_dropped": (f"drop materialized view {SNAPSHOT} cascade", SNAPSHOT),
    "the_snapshot_has_another_body": (
        f"{REMADE} * from artifact_details where id <> 'x'",
        SNAPSHOT,
    ),
    "the_snapshot_has_other_columns": (f"{REMADE} 1 as id", SNAPSHOT),
    "the_snapshots_index_is_dropped": (f"drop index {SNAPSHOT}_id_idx", f"{SNAPSHOT}_id_idx"),
    "the_snapshots_index_is_not_unique": (
        f"drop index {SNAPSHOT}_id_idx; create index {SNAPSHOT}_id_idx on {SNAPSHOT} (id)",
        f"{SNAPSHOT}_id_idx",
    ),
    "the_snapshots_index_is_of_another_column": (
        (
            f"drop index {SNAPSHOT}_id_idx; "
            f"create unique index {SNAPSHOT}_id_idx on {SNAPSHOT} (name, id)"
        ),
        f"{SNAPSHOT}_id_idx",
    ),
    "the_snapshots_index_is_invalid": (
        f"update pg_index set indisvalid = false where indexrelid = '{SNAPSHOT}_id_idx'::regclass",
        f"{SNAPSHOT}_id_idx",
    ),
    "an_index_is_dropped": ("drop index tags_name_idx", "tags_name_idx"),
    "there_is_one_more_unique_index": (
        "create unique index zz on artifact_tags (artifact_id)",
        "zz",
    ),
    "a_counts_check_is_dropped": (
        "alter table collections drop constraint collections_artifact_count_is_not_negative",
        "collections.collections_artifact_count_is_not_negative",
    ),
    "a_check_is_another": (
        (
            "alter table tags drop constraint tags_color_is_a_hex_color; "
            "alter table tags add constraint tags_color_is_a_hex_color "
            "check (color is not null) not valid"
        ),
        "tags.tags_color_is_a_hex_color",
    ),
    "there_is_one_more_check": (
        "alter table artifact_tags add constraint zz check (tag_id <> 'none')",
        "artifact_tags.zz",
    ),
    "a_foreign_key_is_dropped": (DROP_KEY, KEY),
    "a_foreign_key_is_not_validated": (
        f"{DROP_KEY}; {ADD_KEY} on update cascade on delete cascade not valid",
        KEY,
    ),
    "a_foreign_key_does_not_cascade": (f"{DROP_KEY}; {ADD_KEY}", KEY),
    "a_foreign_key_is_deferrable": (
        (
            "alter table collection_artifacts alter constraint "
            "collection_artifacts_are_in_a_collection deferrable"
        ),
        KEY,
    ),
    "a_foreign_key_is_not_deferrable": (
        "alter table group_artifacts alter constraint group_artifacts_are_members not deferrable",
        "group_artifacts.group_artifacts_are_members",
    ),
    "a_primary_key_is_another": (
        (
            "alter table tags drop constraint tags_pkey cascade; "
            "alter table tags add constraint tags_pkey primary key (slug)"
        ),
        "tags.tags_pkey",
    ),
    "a_primary_key_makes_way_for_another_under_a_foreign_key": (
        (
            "alter table tags drop constraint tags_pkey cascade; "
            "alter table tags add constraint zz unique (id); "
            "alter table artifact_tags add constraint artifact_tags_name_a_tag "
            "foreign key (tag_id) references tags (id) on update cascade on delete cascade"
        ),
        "tags.zz",
    ),
    "a_primary_key_holds_one_more_column": (
        (
            "alter table tags drop constraint tags_pkey cascade; "
            "alter table tags add constraint tags_pkey primary key (id) include (name); "
            "alter table artifact_tags add constraint artifact_tags_name_a_tag "
            "foreign key (tag_id) references tags (id) on update cascade on delete cascade"
        ),
        "tags.tags_pkey",
    ),
    "a_unique_name_is_deferrable": (
        (
            "alter table collections drop constraint collections_name_is_unique; "
            "alter table collections add constraint collections_name_is_unique "
            "unique (name) deferrable"
        ),
        "collections.collections_name_is_unique",
    ),
    "a_default_is_another": (
        "alter table collections alter artifact_count set default 1",
        "collections.artifact_count",
    ),
    "a_default_is_dropped": (
        "alter table collections alter artifact_count drop default",
        "collections.artifact_count",
    ),
    "a_not_null_is_dropped": (
        "alter table artifacts alter added_at drop not null",
        "artifacts.added_at",
    ),
    "a_not_null_is_added": (
        "alter table artifact_versions alter version set not null",
        "artifact_versions.version",
    ),
    "a_type_is_another": (
        "alter table artifact_versions alter change_origin type varchar(20)",
        "artifact_versions.change_origin",
    ),
    "a_type_is_another_under_a_trigger": (
        (
            "drop trigger project_templates_set_updated_at on project_templates; "
            "alter table project_templates alter description type varchar(20); "
            "create trigger project_templates_set_updated_at before update of description "
            "on project_templates for each row execute function set_updated_at()"
        ),
        "project_templates.description",
    ),
    "a_type_is_another_under_a_view": (
        (
            "do $do$ declare body text := pg_get_viewdef('snapshot_age'::regclass); begin "
            "drop view snapshot_age; "
            "alter table last_refresh alter started_at type timestamptz(0); "
            "execute 'create view snapshot_age as ' || body; end $do$"
        ),
        "last_refresh.started_at",
    ),
    "a_collation_is_another": (
        'alter table artifact_versions alter change_origin type text collate "C"',
        "artifact_versions.change_origin",
    ),
    "an_identity_is_dropped": (
        "alter table count_changes alter seq drop identity",
        "count_changes.seq",
    ),
    "an_identity_may_be_given": (
        "alter table artifact_changes alter seq set generated by default",
        "artifact_changes.seq",
    ),
    "a_domains_check_is_dropped": (
        "alter domain tag_name drop constraint tag_is_short_printable_and_trimmed",
        "tag_name.tag_is_short_printable_and_trimmed",
    ),
    "a_domain_has_one_more_check": (
        "alter domain tag_name add constraint zz check (value <> 'none')",
        "tag_name.zz",
    ),
    "a_domain_has_a_default": ("alter domain tag_name set default 'x'", "tag_name"),
    "a_domain_refuses_null": ("alter domain tag_name set not null", "tag_name"),
    "a_sequence_counts_in_twos": (
        "alter sequence artifact_changes_seq_seq increment by 2",
        "artifact_changes_seq_seq",
    ),
    "a_sequence_cycles": (
        "alter sequence count_changes_seq_seq cycle",
        "count_changes_seq_seq",
    ),
    "everybody_may_draw_numbers": (
        "grant update on sequence count_changes_seq_seq to public",
        "count_changes_seq_seq",
    ),
    "the_reader_may_write": ("grant insert on artifacts to skillmeat_reader", "artifacts"),
    "the_application_may_write_every_column": ("grant update on tags to skillmeat_app", "tags"),
    "the_application_may_write_a_count": (
        "grant update (artifact_count) on collections to skillmeat_app",
        "collections.artifact_count",
    ),
    "the_application_may_not_write_a_column": (
        "revoke update (name) on collections from skillmeat_app",
        "collections.name",
    ),
    "the_application_may_not_read_a_view": (
        "revoke select on artifact_summaries from skillmeat_app",
        "artifact_summaries",
    ),
    "the_application_may_pass_on_what_it_may": (
        (
            "grant select on artifacts to skillmeat_app with grant option; "
            "set role skillmeat_app; grant select on artifacts to public; reset role"
        ),
        "artifacts",
    ),
    "everybody_may_read_the_snapshot": (f"grant select on {SNAPSHOT} to public", SNAPSHOT),
    "another_role_may_delete": ("grant delete on collections to {role}", "collections"),
    "the_owner_may_not_write": (
        "revoke insert on count_changes from current_user",
        "count_changes",
    ),
    "everybody_may_create": ("grant create on schema skillmeat to public", "skillmeat"),
    "the_application_may_not_enter": (
        "revoke usage on schema skillmeat from skillmeat_app",
        "skillmeat",
    ),
    "a_table_belongs_to_another": ("alter table tags owner to {role}", "tags"),
    "a_fillfactor_is_reset": ("alter table tags reset (fillfactor)", "tags"),
    "autovacuum_is_off": (
        "alter table count_changes set (autovacuum_enabled = off)",
        "count_changes",
    ),
    "autovacuum_is_off_for_long_texts": (
        "alter table artifacts set (toast.autovacuum_enabled = off)",
        "artifacts",
    ),
    "a_log_is_truncated": (
        "alter table artifact_changes set (vacuum_truncate = on)",
        "artifact_changes",
    ),
    "a_table_is_unlogged": ("alter table count_changes set unlogged", "count_changes"),
    "a_table_has_a_child": ("create table zz () inherits (artifact_versions)", "artifact_versions"),
    "a_comment_is_another": ("comment on table tags is 'Mine.'", "tags"),
}

LOST = {
    "a_view_becomes_a_table": (
        "drop view snapshot_age; create table snapshot_age (age interval)",
        "snapshot_age",
    ),
    "a_column_is_dropped": ("alter table artifacts drop column title cascade", "artifacts.title"),
    "a_column_is_added": ("alter table artifacts add zz int", "artifacts.zz"),
    "a_table_is_dropped": ("drop table artifact_versions cascade", "artifact_versions"),
}

HARMLESS = {
    "a_table_beside_ours": "create table theirs (id int primary key check (id > 0))",
    "a_view_on_ours": "create view theirs as select id from artifact_summaries",
    "a_function_beside_ours": "create function theirs() returns int language sql as 'select 1'",
    "a_trigger_of_theirs": (
        "create table theirs (id int); create trigger t before update on theirs "
        "for each row execute function suppress_redundant_updates_trigger()"
    ),
    "an_index_on_ours": "create index theirs on artifacts (author)",
    "a_domain_beside_ours": "create domain theirs as int check (value > 0)",
    "statistics_of_ours": "alter table artifacts alter author set statistics 10",
    "rows": "insert into collections (id, name) values ('zz', 'ZZ')",
}


def functions(conn: Connection) -> list[tuple[str, str]]:
    """Every function of the schema, and its definition with one character of the body changed."""
    found = conn.execute(
        "select format('%s(%s)', proname, oidvectortypes(proargtypes)), pg_get_functiondef(oid) "
        "from pg_proc where pronamespace = 'skillmeat'::regnamespace order by 1"
    ).fetchall()
    return [(name, definition[::-1].replace(";", " ;", 1)[::-1]) for name, definition in found]
