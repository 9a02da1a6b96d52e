"""Changes to owners and privileges. `{role}` stands for a role that needs no privilege."""

SETTLE = "settle_counts()"
SNAPSHOT = "artifact_summaries_snapshot"

PRIVILEGES: dict[str, tuple[str, str]] = {
    "a_function_belongs_to_another": (f"alter function {SETTLE} owner to {{role}}", SETTLE),
    "public_may_call_a_function": (f"grant execute on function {SETTLE} to public", SETTLE),
    "the_application_may_not_call_a_function": (
        f"revoke execute on function {SETTLE} from skillmeat_app",
        SETTLE,
    ),
    "the_schema_belongs_to_another": ("alter schema skillmeat owner to {role}", "skillmeat"),
    "a_view_belongs_to_another": ("alter view count_drift owner to {role}", "count_drift"),
    "public_may_draw_numbers": (
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
    "the_application_may_pass_on_its_privileges": (
        (
            "grant select on artifacts to skillmeat_app with grant option; "
            "set role skillmeat_app; grant select on artifacts to public; reset role"
        ),
        "artifacts",
    ),
    "public_may_read_the_snapshot": (f"grant select on {SNAPSHOT} to public", SNAPSHOT),
    "another_role_may_delete": ("grant delete on collections to {role}", "collections"),
    "the_owner_may_not_write": (
        "revoke insert on count_changes from current_user",
        "count_changes",
    ),
    "public_may_create": ("grant create on schema skillmeat to public", "skillmeat"),
    "the_application_may_not_enter": (
        "revoke usage on schema skillmeat from skillmeat_app",
        "skillmeat",
    ),
    "a_table_belongs_to_another": ("alter table tags owner to {role}", "tags"),
}
