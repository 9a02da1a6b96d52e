"""Read the snapshot and the changes since as one, exact.

Revises: 0006_snapshot
"""

from alembic import op

from skillmeat.migration.frozen_sql import install, run

COUNTED = ("collection", "group", "tag", "artifact_type")

revision = "0007_merged_summaries"
down_revision = "0006_snapshot"


def upgrade() -> None:
    """Give artifact_summaries its new body, and a view of its drift."""
    # A grant on the snapshot and a refresh would change the same row of pg_class.
    op.execute("select pg_advisory_xact_lock(hashtextextended('refresh ' || current_schema(), 0))")
    install(
        revision,
        *(f"views/{each}_summaries.sql" for each in COUNTED),
        "views/snapshot_bypass.sql",
        "views/snapshot_age.sql",
        "views/artifact_summaries.sql",
        "views/artifact_summaries_live.sql",
        "views/summary_drift.sql",
        "functions/repair_summaries.sql",
        "roles/roles.sql",
    )


def downgrade() -> None:
    """Read by joins again."""
    install(revision, "revoke.sql")
    run("drop function repair_summaries();")
    run("drop view summary_drift;")
    replaced = (*(f"{each}_summaries" for each in COUNTED), "artifact_summaries_live")
    run(f"drop view artifact_summaries, {', '.join(replaced)};")
    for view in (*replaced, "artifact_summaries"):
        install("0004_summaries", f"views/{view}.sql")
    run("drop view snapshot_bypass, snapshot_age;")
    install("0004_summaries", "roles/roles.sql")
