"""Settle counts with one try and one statement, and read that of `default` once a page.

Revises: 0012_api_tokens
"""

from skillmeat.migration.frozen import install, reinstall, run

revision = "0013_cheaper_counts"
down_revision = "0012_api_tokens"


def upgrade() -> None:
    """Give the trigger and the view their new bodies."""
    run("drop trigger count_changes_settle on count_changes;")
    install(revision, "triggers/count_changes_settle.sql", "views/artifact_summaries.sql")


def downgrade() -> None:
    """Lock the row first and settle in a second statement; count every collection of a page."""
    run("drop trigger count_changes_settle on count_changes;")
    reinstall("0002_counts", "triggers/count_changes_settle.sql")
    install("0007_merged_summaries", "views/artifact_summaries.sql")
