"""Counters, and the triggers that count every change from here on.

Revises: 0001_catalogue
"""

import sqlalchemy as sa
from alembic import op

from skillmeat.migration.frozen import install, run

revision = "0002_counts"
down_revision = "0001_catalogue"

# child, parent, count
COUNTERS = (
    ("collection_artifacts", "collections", "artifact_count"),
    ("groups", "collections", "group_count"),
    ("group_artifacts", "groups", "artifact_count"),
    ("artifact_tags", "tags", "artifact_count"),
    ("artifacts", "artifact_types", "artifact_count"),
)
PARENTS = ("artifact_types", "collections", "groups", "tags")


def upgrade() -> None:
    """Add the counts, at zero, and count what changes; 0003 adds what was there before."""
    op.execute("create sequence count_keys")
    op.create_table(
        "count_changes",
        sa.Column("count_key", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("counter", sa.Text(collation="C"), nullable=False),
        sa.Column("parent", sa.Text(collation="C"), nullable=False),
        sa.Column("delta", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("count_key", "seq", name="count_changes_pkey"),
        comment="A committed change of a count that is not yet added to it.",
        postgresql_with={
            "autovacuum_vacuum_scale_factor": 0,
            "autovacuum_vacuum_threshold": 1000,
        },
    )
    for _, parent, count in COUNTERS:
        # The default differs from row to row, so this rewrites the table, which is small.
        op.add_column(
            parent,
            sa.Column(count, sa.BigInteger, nullable=False, server_default=sa.text("0")),
        )
        op.add_column(
            parent,
            sa.Column(
                f"{count}_key",
                sa.BigInteger,
                nullable=False,
                server_default=sa.text("nextval('count_keys')"),
            ),
        )
        op.create_check_constraint(f"{parent}_{count}_is_not_negative", parent, f"{count} >= 0")

    install(
        revision,
        "views/count_drift.sql",
        "triggers/refuse_stale_truncate.sql",
        "triggers/count_changes_settle.sql",
    )
    for child, parent, count in COUNTERS:
        install(
            revision,
            f"functions/recount_{parent}_{count}.sql",
            f"triggers/{child}_are_counted.sql",
        )
    for parent in PARENTS:
        install(revision, f"triggers/{parent}_restart_counts.sql")


def downgrade() -> None:
    """Stop counting and drop the counts."""
    for parent in PARENTS:
        run(f"drop trigger {parent}_restart_counts on {parent};")
        run(f"drop function {parent}_restart_counts();")
    for child, parent, count in COUNTERS:
        for event in ("insert", "delete", "update", "truncate"):
            run(f"drop trigger {child}_are_counted_on_{event} on {child};")
        run(f"drop function {child}_are_counted();")
        run(f"drop function recount_{parent}_{count}(text[]);")
    run("drop view count_drift;")
    op.drop_table("count_changes")
    for _, parent, count in COUNTERS:
        op.drop_column(parent, count)
        op.drop_column(parent, f"{count}_key")
    run("drop function count_changes_settle();")
    run("drop function refuse_stale_truncate();")
    run("drop sequence count_keys;")
