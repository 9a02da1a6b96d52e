"""Keep the tokens of the HTTP server.

Revises: 0011_group_tags
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import DOMAIN

from skillmeat.migration.frozen_sql import install, run

revision = "0012_api_tokens"
down_revision = "0011_group_tags"

KEY = sa.Text(collation="C")
# The domain is there already.
NAME = DOMAIN("catalogue_name", KEY, create_type=False)


def upgrade() -> None:
    """Add the table, and let a service look into it."""
    op.create_table(
        "api_tokens",
        sa.Column("name", NAME, nullable=False),
        sa.Column("token_hash", KEY, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("name", name="api_tokens_pkey"),
        sa.UniqueConstraint("token_hash", name="api_tokens_hash_is_unique"),
        sa.CheckConstraint("scope in ('read', 'write')", name="api_tokens_scope_is_known"),
        sa.CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name="api_tokens_hash_is_sha256"),
        comment="A token of the HTTP server, of which only the hash is kept.",
    )
    # A grant on the snapshot and a refresh would change the same row of pg_class.
    op.execute("select pg_advisory_xact_lock(hashtextextended('refresh ' || current_schema(), 0))")
    install(revision, "roles/roles.sql")
    # A grant on the snapshot leaves the mark of a stranger on it, as a REFRESH by hand does.
    run("do 'begin perform refresh_artifact_summaries(); end';")


def downgrade() -> None:
    """Forget the tokens."""
    op.drop_table("api_tokens")
