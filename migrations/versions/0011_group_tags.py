"""Give groups tags of their own.

Revises: 0010_repair
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from skillmeat.migration.frozen_sql import install, reinstall, run

revision = "0011_group_tags"
down_revision = "0010_repair"


def upgrade() -> None:
    """Add the column and show it."""
    op.add_column(
        "groups",
        sa.Column("tags", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
    )
    op.create_check_constraint(
        "groups_tags_are_not_null", "groups", "array_position(tags, null) is null"
    )
    install(revision, "views/group_summaries.sql")
    reinstall(revision, "triggers/updated_at.sql")


def downgrade() -> None:
    """Forget the tags of groups."""
    run("drop view group_summaries;")
    reinstall("0001_catalogue", "triggers/updated_at.sql")
    op.drop_column("groups", "tags")
    install("0007_merged_summaries", "views/group_summaries.sql")
    install(revision, "grant.sql")
