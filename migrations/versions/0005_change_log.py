"""Log what changes of every artifact's summary, from here on.

Revises: 0004_summaries
"""

import sqlalchemy as sa
from alembic import op

from skillmeat.migration.frozen_sql import install, run

revision = "0005_change_log"
down_revision = "0004_summaries"

LOGGED = ("artifacts", "artifact_tags", "artifact_versions", "collection_artifacts")


def upgrade() -> None:
    """Create the log and the triggers that append to it."""
    op.create_table(
        "artifact_changes",
        sa.Column("artifact_id", sa.Text(collation="C"), nullable=False),
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True)),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
        ),
        sa.PrimaryKeyConstraint("artifact_id", "seq", name="artifact_changes_pkey"),
        comment="An artifact whose summary is not what the snapshot says.",
        postgresql_with={
            "autovacuum_vacuum_scale_factor": 0,
            "autovacuum_vacuum_threshold": 1000,
            "vacuum_truncate": "false",
        },
    )
    op.execute("alter table count_changes set (vacuum_truncate = false)")
    install(revision, "functions/widen_logs.sql")
    op.execute("select widen_logs()")
    lock_tables("share row exclusive")
    install(
        revision,
        *(f"triggers/{table}_log_changes.sql" for table in LOGGED),
        "triggers/tags_log_changes.sql",
    )


def downgrade() -> None:
    """Stop logging and drop the log."""
    lock_tables("access exclusive")
    for table in LOGGED:
        for event in ("insert", "delete", "update", "truncate"):
            run(f"drop trigger {table}_log_changes_on_{event} on {table};")
        run(f"drop function {table}_log_changes();")
    run("drop trigger tags_log_changes on tags;")
    run("drop function tags_log_changes();")
    run("drop function widen_logs();")
    op.execute("alter table count_changes reset (vacuum_truncate)")
    op.drop_table("artifact_changes")


def lock_tables(mode: str) -> None:
    # All at once and before any of them is changed, so that writers wait here or not at all.
    op.execute(f"lock table {', '.join(sorted((*LOGGED, 'tags')))} in {mode} mode")
