"""Take the snapshot that pages of artifacts are read from.

Revises: 0005_change_log
"""

import sqlalchemy as sa
from alembic import op

from skillmeat.migration.frozen_sql import install, run

revision = "0006_snapshot"
down_revision = "0005_change_log"


def upgrade() -> None:
    """Create the snapshot, which may take a while and keeps nobody waiting."""
    op.create_table(
        "last_refresh",
        sa.Column("is_last", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changes", sa.BigInteger, nullable=False),
        sa.Column("crowded_at", sa.BigInteger, nullable=False),
        sa.Column("refreshed_by", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("is_last", name="last_refresh_pkey"),
        sa.CheckConstraint("is_last", name="last_refresh_is_one_row"),
        comment="What the last refresh of the snapshot did: one row, or none.",
    )
    install(
        revision,
        "views/artifact_details.sql",
        "views/artifact_summaries_snapshot.sql",
        "functions/refresh_artifact_summaries.sql",
        "functions/refresh_status.sql",
    )


def downgrade() -> None:
    """Drop it."""
    run("drop function refresh_artifact_summaries();")
    run("drop function refresh_status();")
    run("drop materialized view artifact_summaries_snapshot;")
    run("drop view artifact_details;")
    op.drop_table("last_refresh")
