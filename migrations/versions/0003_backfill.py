"""Count what was there before the triggers were.

Revises: 0002_counts
"""

from alembic import op

from skillmeat.migration.frozen_sql import install

revision = "0003_backfill"
down_revision = "0002_counts"


def upgrade() -> None:
    """Recount in batches, each committed by itself, while writers go on."""
    with op.get_context().autocommit_block():
        install(revision, "backfill.sql")


def downgrade() -> None:
    """Leave the counts as they are: they are exact."""
