"""Access: the group roles, and the tokens of the HTTP server.

Revises: 0004_search
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import DOMAIN

from skillmeat.migration.environment import (
    install,
    lock_refresh,
    lock_tables,
    revoke_default_privileges,
    run,
)

revision = "0005_access"
down_revision = "0004_search"

KEY = sa.Text(collation="C")


def upgrade() -> None:
    """Create the tokens and the roles, and grant the privileges of each."""
    lock_refresh(revision)
    op.create_table(
        "api_tokens",
        sa.Column("name", DOMAIN("catalogue_name", KEY, create_type=False), nullable=False),
        sa.Column("token_hash", KEY, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("name", name="api_tokens_pkey"),
        sa.UniqueConstraint("token_hash", name="api_tokens_hash_is_unique"),
        sa.CheckConstraint("scope in ('read', 'write')", name="api_tokens_scope_is_known"),
        sa.CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name="api_tokens_hash_is_sha256"),
        comment="Each row is a token of the HTTP server; the table stores only its hash.",
    )
    revoke_default_privileges()
    install(revision, "roles/roles.sql")
    refresh()


def downgrade() -> None:
    """Drop the tokens, and the roles unless another database uses them."""
    lock_refresh(revision)
    lock_tables(revision, "api_tokens")
    op.drop_table("api_tokens")
    install(revision, "revoke.sql")
    refresh()


def refresh() -> None:
    # A grant on the snapshot changes its row of pg_class, as a REFRESH by hand does. Without a
    # refresh, every page would be read live.
    run("do 'begin perform refresh_artifact_summaries(); end';")
