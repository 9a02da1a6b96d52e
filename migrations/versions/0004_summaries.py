"""What people read, who may, and housekeeping.

Revises: 0003_backfill
"""

from skillmeat.migration.frozen_sql import install, run

revision = "0004_summaries"
down_revision = "0003_backfill"


def upgrade() -> None:
    """Create the views, the functions of housekeeping, and the group roles."""
    install(
        revision,
        "views/collection_summaries.sql",
        "views/group_summaries.sql",
        "views/tag_summaries.sql",
        "views/artifact_type_summaries.sql",
        "views/artifact_summaries_live.sql",
        "views/artifact_summaries.sql",
        "functions/pending_counts.sql",
        "functions/settle_counts.sql",
        "functions/repair_counts.sql",
        "roles/roles.sql",
    )


def downgrade() -> None:
    """Drop the views and functions, and the roles unless another database uses them."""
    run("drop view artifact_summaries;")
    run("drop view artifact_summaries_live;")
    for counted in ("artifact_type", "tag", "group", "collection"):
        run(f"drop view {counted}_summaries;")
    run("drop function settle_counts();")
    run("drop function pending_counts();")
    run("drop function repair_counts();")
    install(revision, "revoke.sql")
