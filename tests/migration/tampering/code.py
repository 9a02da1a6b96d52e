"""Changes to functions, triggers, views and indexes."""

from psycopg import Connection

SETTLE = "settle_counts()"
LIVE = "artifact_summaries_live"
SNAPSHOT = "artifact_summaries_snapshot"
COUNTED = "collection_artifacts_record_changes_on_insert"
KEY = "collection_artifacts.collection_artifacts_are_in_a_collection"
ON = "on collection_artifacts"
RECREATE = (
    f"drop trigger {COUNTED} {ON}; create trigger {COUNTED} after insert {ON} "
    "referencing new table as new_rows for each statement"
)
REMADE = f"drop materialized view {SNAPSHOT} cascade; create materialized view {SNAPSHOT} as select"

CODE: dict[str, tuple[str, str]] = {
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
    "a_function_has_another_cost": (f"alter function {SETTLE} cost 7", SETTLE),
    "a_function_is_leakproof": (f"alter function {SETTLE} leakproof", SETTLE),
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
    "a_trigger_function_is_dropped": (
        "drop function collection_artifacts_record_changes() cascade",
        "collection_artifacts_record_changes()",
    ),
    "a_trigger_function_does_nothing": (
        (
            "create or replace function collection_artifacts_record_changes() returns trigger "
            "language plpgsql as 'begin return null; end'"
        ),
        "collection_artifacts_record_changes()",
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
            "execute function collection_artifacts_record_changes()"
        ),
        f"collection_artifacts.{COUNTED}",
    ),
    "a_trigger_calls_another_function": (
        f"{RECREATE} execute function artifact_tags_record_changes()",
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
        "artifact_tags.artifact_tags_record_changes_on_update",
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
}


def functions(conn: Connection) -> list[tuple[str, str]]:
    """Return each function of the schema, its definition changed by one character."""
    found = conn.execute(
        "select format('%s(%s)', proname, oidvectortypes(proargtypes)), pg_get_functiondef(oid) "
        "from pg_proc where pronamespace = 'skillmeat'::regnamespace order by 1"
    ).fetchall()
    return [(name, definition[::-1].replace(";", " ;", 1)[::-1]) for name, definition in found]
