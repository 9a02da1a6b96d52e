"""Count one row without grouping, settle with one try and statement, read `default` once a page.

Revises: 0012_api_tokens
"""

from alembic import op

from skillmeat.migration.frozen_sql import install, reinstall, run

revision = "0013_cheaper_counts"
down_revision = "0012_api_tokens"

COUNTED = ("artifacts", "artifact_tags", "collection_artifacts", "group_artifacts", "groups")
LOGGED = ("artifacts", "artifact_tags", "artifact_versions", "collection_artifacts")
TRIGGERS = (
    *(f"triggers/{child}_are_counted.sql" for child in COUNTED),
    *(f"triggers/{table}_log_changes.sql" for table in LOGGED),
)


def upgrade() -> None:
    """Give the triggers and the view their new bodies."""
    lock_tables()
    run("drop trigger count_changes_settle on count_changes;")
    install(
        revision,
        *TRIGGERS,
        "triggers/count_changes_settle.sql",
        "views/artifact_summaries.sql",
    )


def downgrade() -> None:
    """Group every statement's rows, lock before settling, count every collection of a page."""
    lock_tables()
    run("drop trigger count_changes_settle on count_changes;")
    install("0009_operation", *TRIGGERS)
    reinstall("0002_counts", "triggers/count_changes_settle.sql")
    install("0007_merged_summaries", "views/artifact_summaries.sql")


def lock_tables() -> None:
    # All at once and before any of them is changed, so that writers wait here or not at all.
    tables = sorted({*COUNTED, *LOGGED})
    op.execute(f"lock table {', '.join(tables)} in share row exclusive mode")
