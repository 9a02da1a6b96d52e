"""The counters, their triggers, and a backfill that counts the existing rows.

Revises: 0001_catalogue
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import DOMAIN

from skillmeat.migration.environment import (
    backfill,
    install,
    lock_tables,
    revoke_default_privileges,
    run,
    run_once,
)

revision = "0002_counts"
down_revision = "0001_catalogue"

# child, its key of the parent, parent, count
COUNTERS = (
    ("collection_artifacts", "collection_id", "collections", "artifact_count"),
    ("groups", "collection_id", "collections", "group_count"),
    ("group_artifacts", "group_id", "groups", "artifact_count"),
    ("artifact_tags", "tag_id", "tags", "artifact_count"),
    ("artifacts", "type", "artifact_types", "artifact_count"),
)
COUNTED_TABLES = {table for child, _, parent, _ in COUNTERS for table in (child, parent)}
PARENT_KEYS = {"artifact_types": "type", "collections": "id", "groups": "id", "tags": "id"}
NEW_KEY = "hashtextextended(gen_random_uuid()::text, 0)"


def upgrade() -> None:
    """Count every new change, commit, and count the existing rows."""
    # An upgrade that was interrupted in the backfill has committed the counters.
    run_once("count_changes", create_counters)
    backfill(revision, "backfill.sql")


def downgrade() -> None:
    """Stop counting and drop the counters."""
    lock_tables(revision, *COUNTED_TABLES)
    for function in ("pending_counts()", "settle_counts()", "repair_counts(text, text[])"):
        run(f"drop function {function};")
    for parent in PARENT_KEYS:
        run(f"drop trigger {parent}_refuse_key_reuse on {parent};")
        run(f"drop function {parent}_refuse_key_reuse();")
        for event in ("insert", "rename"):
            run(f"drop trigger {parent}_reset_counts_on_{event} on {parent};")
        run(f"drop function {parent}_reset_counts();")
    for child, _, parent, count in COUNTERS:
        for event in ("insert", "delete", "update", "truncate"):
            run(f"drop trigger {child}_record_changes_on_{event} on {child};")
        run(f"drop function {child}_record_changes();")
        run(f"drop function recount_{parent}_{count}(text[]);")
        run(f"drop function settle_{parent}_{count}(text[]);")
        run(f"drop trigger {parent}_refuse_stale_{count} on {parent};")
        run(f"drop function {parent}_refuse_stale_{count}();")
    run("drop view count_drift;")
    op.drop_table("count_changes")
    for *_, parent, count in COUNTERS:
        op.drop_column(parent, count)
        op.drop_column(parent, f"{count}_key")
    run("drop domain settled_count;")
    run("drop function count_changes_settle();")
    run("drop function refuse_stale_truncate();")


def create_counters() -> None:
    lock_tables(revision, *COUNTED_TABLES)
    op.create_table(
        "count_changes",
        sa.Column(
            "count_key",
            sa.BigInteger,
            nullable=False,
            comment="The count: the value of its key column in the parent's row.",
        ),
        sa.Column(
            "seq",
            sa.BigInteger,
            sa.Identity(always=True),
            comment="A number that grows with each change.",
        ),
        sa.Column(
            "counter",
            sa.Text(collation="C"),
            nullable=False,
            comment="The table and the column of the count.",
        ),
        sa.Column(
            "parent",
            sa.Text(collation="C"),
            nullable=False,
            comment="The parent's key when the change was appended.",
        ),
        sa.Column(
            "delta", sa.BigInteger, nullable=False, comment="The number to add to the count."
        ),
        sa.Column(
            "settles_batch",
            sa.Boolean,
            comment="True settles its batch at commit, false waits for it, null settles its count.",
        ),
        sa.PrimaryKeyConstraint("count_key", "seq", name="count_changes_pkey"),
        comment="Each row is a committed change that is not yet added to its count.",
        postgresql_with={
            "autovacuum_vacuum_scale_factor": 0,
            "autovacuum_vacuum_threshold": 1000,
            "autovacuum_vacuum_insert_threshold": -1,
            "autovacuum_vacuum_cost_delay": 0,
            "vacuum_truncate": "false",
        },
    )
    # Start at a random number: a dump of another catalogue must not bring numbers drawn here.
    first = "(2 ^ 40)::bigint + (random() * 2 ^ 61)::bigint"
    run(f"select setval('count_changes_seq_seq', {first});")
    run("create domain settled_count as bigint;")
    for *_, parent, count in COUNTERS:
        create_counter(parent, count)
    # A column of a domain that has a constraint would rewrite its table when it is added.
    run(
        "alter domain settled_count add constraint count_is_not_negative check (value >= 0);\n"
        "comment on domain settled_count is 'A number of rows: zero or more.';"
    )

    install(
        revision,
        "views/count_drift.sql",
        "triggers/refuse_stale_truncate.sql",
        "triggers/count_changes_settle.sql",
    )
    for child, child_key, parent, count in COUNTERS:
        install(
            revision,
            "counters/recount.sql",
            "counters/settle.sql",
            "counters/record_changes.sql",
            "counters/refuse_stale_count.sql",
            child=child,
            child_key=child_key,
            parent=parent,
            parent_key=PARENT_KEYS[parent],
            count=count,
        )
    for parent, key in PARENT_KEYS.items():
        install(revision, "counters/refuse_key_reuse.sql", parent=parent, parent_key=key)
        install(revision, f"triggers/{parent}_reset_counts.sql")
    install(
        revision,
        "functions/settle_counts.sql",
        "functions/repair_counts.sql",
        "functions/pending_counts.sql",
    )
    revoke_default_privileges()


def create_counter(parent: str, count: str) -> None:
    key = f"{count}_key"
    op.add_column(
        parent,
        sa.Column(
            count,
            DOMAIN("settled_count", sa.BigInteger(), create_type=False),
            nullable=False,
            server_default=sa.text("0"),
            comment=(
                "The settled count, without pending changes; the exact count is in the view of "
                "summaries, such as collection_summaries."
            ),
        ),
    )
    # An UPDATE sets the keys: a volatile default would rewrite the table, and older snapshots would
    # see it empty. They see the key 0, for which the triggers raise an error.
    op.add_column(
        parent,
        sa.Column(
            key,
            sa.BigInteger,
            nullable=False,
            server_default=sa.text("0"),
            comment="The key of this count's rows in count_changes.",
        ),
    )
    op.alter_column(parent, key, server_default=sa.text(NEW_KEY))
    op.execute(f"update {parent} set {key} = default")
