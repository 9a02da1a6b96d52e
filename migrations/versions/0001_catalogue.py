"""The tables of a catalogue, and their triggers for edits, moves and renames.

Revises: nothing
"""

from alembic import op

from skillmeat.migration.environment import install, lock_tables, revoke_default_privileges, run

revision = "0001_catalogue"
down_revision = None

TABLES = (
    "source_artifacts",
    "source_collections",
    "sources",
    "project_templates",
    "group_artifacts",
    "groups",
    "collection_artifacts",
    "collections",
    "artifact_tags",
    "tags",
    "artifact_contents",
    "artifact_versions",
    "artifacts",
    "artifact_types",
)


def upgrade() -> None:
    """Create the tables, their triggers and SkillMeat's artifact types."""
    install(
        revision,
        "domains.sql",
        "tables/artifacts.sql",
        "tables/tags.sql",
        "tables/collections.sql",
        "tables/groups.sql",
        "tables/project_templates.sql",
        "tables/sources.sql",
        "triggers/artifacts_set_id.sql",
        "triggers/artifact_versions_delete_contents.sql",
        "artifact_types.sql",
        "triggers/updated_at.sql",
        "triggers/collection_artifacts_leave_groups.sql",
        "triggers/collections_defer_group_checks.sql",
        "triggers/collections_set_json_prefix.sql",
        "views/artifact_history.sql",
    )
    revoke_default_privileges()


def downgrade() -> None:
    """Drop the tables, the trigger functions and the domains."""
    lock_tables(revision, *TABLES)
    run("drop view artifact_history;")
    for table in TABLES:
        op.drop_table(table)
    for function in (
        "collections_check_groups",
        "collections_defer_group_checks",
        "collections_set_json_prefix",
        "collection_artifacts_leave_groups",
        "set_updated_at",
        "artifact_versions_delete_contents",
        "artifacts_set_id",
    ):
        run(f"drop function {function}();")
    for domain in ("catalogue_name", "tag_name", "type_name"):
        run(f"drop domain {domain};")
