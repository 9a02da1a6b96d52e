"""Changes to constraints, columns, domains, sequences and the storage of tables."""

KEY = "collection_artifacts.collection_artifacts_are_in_a_collection"
DROP_KEY = (
    "alter table collection_artifacts drop constraint collection_artifacts_are_in_a_collection"
)
ADD_KEY = (
    "alter table collection_artifacts add constraint collection_artifacts_are_in_a_collection "
    "foreign key (collection_id) references collections (id)"
)

TABLES: dict[str, tuple[str, str]] = {
    "a_counts_check_is_dropped": (
        "alter domain settled_count drop constraint count_is_not_negative",
        "settled_count.count_is_not_negative",
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
        "alter table sources alter kind type varchar(20)",
        "sources.kind",
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
        'alter table sources alter kind type text collate "C"',
        "sources.kind",
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
    "a_sequence_is_renamed": (
        "alter sequence count_changes_seq_seq rename to zz",
        "count_changes_seq_seq",
    ),
    "a_sequence_that_a_view_reads_is_renamed": (
        'alter sequence artifact_changes_seq_seq rename to "a sequence"',
        "artifact_changes_seq_seq",
    ),
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

# `migrate check` names these without a statement that would undo them.
LOST: dict[str, tuple[str, str]] = {
    "a_view_becomes_a_table": (
        "drop view snapshot_age; create table snapshot_age (age interval)",
        "snapshot_age",
    ),
    "a_column_is_dropped": ("alter table artifacts drop column title cascade", "artifacts.title"),
    "a_column_is_added": ("alter table artifacts add zz int", "artifacts.zz"),
    "a_sequence_takes_the_name_of_another": (
        "alter sequence count_changes_seq_seq rename to zz; create sequence count_changes_seq_seq",
        "count_changes_seq_seq",
    ),
    "a_table_is_dropped": ("drop table artifact_versions cascade", "artifact_versions"),
}
