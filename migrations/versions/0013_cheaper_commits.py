"""Settle counts with one try and one statement, which waits for nobody at all.

Revises: 0012_api_tokens
"""

from skillmeat.migration.frozen import install, reinstall, run

revision = "0013_cheaper_commits"
down_revision = "0012_api_tokens"


def upgrade() -> None:
    """Give the trigger its new body."""
    run("drop trigger count_changes_settle on count_changes;")
    install(revision, "triggers/count_changes_settle.sql")


def downgrade() -> None:
    """Lock the row first, and settle in a second statement."""
    run("drop trigger count_changes_settle on count_changes;")
    reinstall("0002_counts", "triggers/count_changes_settle.sql")
