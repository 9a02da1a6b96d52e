"""Exact summaries: the change log, the snapshot, the views that merge both, and the refresh.

Revises: 0002_counts
"""

import sqlalchemy as sa
from alembic import op

from skillmeat.migration.environment import (
    install,
    lock_tables,
    revoke_default_privileges,
    run,
    run_once,
)

revision = "0003_summaries"
down_revision = "0002_counts"

# Each table with its key of the artifact. A statement on more rows than the first limit, or one
# that deletes more than the second, is logged as one change of everything.
LOGGED = {
    "artifacts": ("id", 16384, 256),
    "artifact_tags": ("artifact_id", 16384, 16384),
    "artifact_versions": ("artifact_id", 16384, 16384),
    "collection_artifacts": ("artifact_id", 16384, 16384),
}
# A row's new name is logged as one change of everything.
RENAMED = ("collections", "tags")
TABLES = (*LOGGED, *RENAMED)
# The logged tables that are counted, too: child, its key of the parent, parent, its key, count.
COUNTED = {
    "artifacts": ("type", "artifact_types", "type", "artifact_count"),
    "artifact_tags": ("tag_id", "tags", "id", "artifact_count"),
    "collection_artifacts": ("collection_id", "collections", "id", "artifact_count"),
}
# Each view stands after the views that it reads.
VIEWS = (
    "artifact_type_summaries",
    "collection_summaries",
    "group_summaries",
    "tag_summaries",
    "artifact_details",
    "artifact_summaries_snapshot",
    "snapshot_bypass",
    "snapshot_age",
    "artifact_summaries_json",
    "artifact_summaries",
    "artifact_summaries_live",
    "summary_drift",
)


def upgrade() -> None:
    """Log every new change, commit, and create the snapshot while writers keep writing."""
    # An upgrade that was interrupted while it created the snapshot has committed the log.
    run_once("artifact_changes", create_change_log)
    create_summaries()


def downgrade() -> None:
    """Drop the views and their functions, and stop logging."""
    lock_tables(revision, *TABLES)
    for function in (
        "repair_summaries(text[])",
        "summary_drift_of(text[])",
        "refresh_artifact_summaries()",
        "analyze_grown_tables()",
        "refresh_status()",
    ):
        run(f"drop function {function};")
    for view in reversed(VIEWS):
        kind = "materialized view" if view == "artifact_summaries_snapshot" else "view"
        run(f"drop {kind} {view};")
    op.drop_table("last_refresh")

    for event in ("insert", "delete", "update", "truncate"):
        run(f"drop trigger artifact_versions_record_changes_on_{event} on artifact_versions;")
    run("drop function artifact_versions_record_changes();")
    for table in COUNTED:
        install(down_revision, "counters/record_changes.sql", **name_counter(table))
    for table in RENAMED:
        run(f"drop trigger {table}_log_changes on {table};")
        run(f"drop function {table}_log_changes();")
    run("drop function preallocate_log_pages();")
    op.drop_table("artifact_changes")


def create_change_log() -> None:
    lock_tables(revision, *TABLES, mode="share row exclusive")
    op.create_table(
        "artifact_changes",
        sa.Column(
            "artifact_id",
            sa.Text(collation="C"),
            nullable=False,
            comment="The id of the changed artifact; the empty id stands for all artifacts.",
        ),
        sa.Column(
            "seq",
            sa.BigInteger,
            sa.Identity(always=True),
            comment="A number that grows with each change.",
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
            comment="The start of the transaction that made the change.",
        ),
        sa.PrimaryKeyConstraint("artifact_id", "seq", name="artifact_changes_pkey"),
        comment="Each row names an artifact whose row in the snapshot may be stale.",
        postgresql_with={
            "autovacuum_vacuum_scale_factor": 0,
            "autovacuum_vacuum_threshold": 1000,
            "autovacuum_vacuum_insert_threshold": -1,
            "autovacuum_vacuum_cost_delay": 0,
            "vacuum_truncate": "false",
        },
    )
    # Start at a random number: a dump of another catalogue must not bring numbers drawn here.
    run(
        "select setval('artifact_changes_seq_seq', (2 ^ 40)::bigint + (random() * 2 ^ 61)::bigint);"
    )
    install(revision, "functions/preallocate_log_pages.sql")
    for table in RENAMED:
        install(revision, "change_log/log_renames.sql", table=table)
    for table, (artifact_key, max_rows, max_deleted_rows) in LOGGED.items():
        is_counted = table in COUNTED
        install(
            revision,
            f"change_log/record_{'counted_' if is_counted else ''}changes.sql",
            **(name_counter(table) if is_counted else {"table": table}),
            artifact_key=artifact_key,
            max_rows=max_rows,
            max_deleted_rows=max_deleted_rows,
        )
    op.execute("select preallocate_log_pages()")
    revoke_default_privileges()


def name_counter(child: str) -> dict[str, str]:
    child_key, parent, parent_key, count = COUNTED[child]
    return {
        "child": child,
        "child_key": child_key,
        "parent": parent,
        "parent_key": parent_key,
        "count": count,
    }


def create_summaries() -> None:
    lock_tables(revision, *TABLES, mode="access share")
    op.create_table(
        "last_refresh",
        sa.Column(
            "is_only_row",
            sa.Boolean,
            nullable=False,
            server_default=sa.text("true"),
            comment="Always true: the primary key therefore allows one row only.",
        ),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="The time at which the refresh began.",
        ),
        sa.Column(
            "finished_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="The time at which the refresh ended.",
        ),
        sa.Column(
            "changes",
            sa.BigInteger,
            nullable=False,
            comment="The number of changes that the refresh absorbed.",
        ),
        sa.Column(
            "bypass_after_seq",
            sa.BigInteger,
            nullable=False,
            comment="Pages bypass the snapshot when a change has a larger seq.",
        ),
        sa.Column(
            "snapshot_xmin",
            sa.BigInteger,
            nullable=False,
            comment="The xmin that the refresh gave to the snapshot's row in pg_class.",
        ),
        sa.PrimaryKeyConstraint("is_only_row", name="last_refresh_pkey"),
        sa.CheckConstraint("is_only_row", name="last_refresh_is_one_row"),
        comment="The only row describes the last refresh; no row means no refresh yet.",
    )
    install(
        revision,
        *(f"views/{view}.sql" for view in VIEWS),
        "settings/artifact_summaries_snapshot.sql",
        "functions/analyze_grown_tables.sql",
        "functions/refresh_artifact_summaries.sql",
        "functions/refresh_status.sql",
        "functions/summary_drift_of.sql",
        "functions/repair_summaries.sql",
    )
    revoke_default_privileges()
