"""Move databases around without counting twice: a row's counts start at zero.

Revises: 0008_search
"""

import sqlalchemy as sa
from alembic import op

from skillmeat.migration.frozen_sql import install, reinstall, run

revision = "0009_operation"
down_revision = "0008_search"

COUNTED = ("artifacts", "artifact_tags", "collection_artifacts", "group_artifacts", "groups")
LOGGED = ("artifacts", "artifact_tags", "artifact_versions", "collection_artifacts")
LOGS = ("artifact_changes", "count_changes")
KEYS = (
    ("artifact_types", "artifact_count_key"),
    ("collections", "artifact_count_key"),
    ("collections", "group_count_key"),
    ("groups", "artifact_count_key"),
    ("tags", "artifact_count_key"),
)
NEW_KEY = "hashtextextended(gen_random_uuid()::text, 0)"
PARENTS = ("artifact_types", "collections", "groups", "tags")


def upgrade() -> None:
    """Draw keys at random, and have every trigger know the schema that it belongs to."""
    with op.get_context().autocommit_block():
        # Building waits for every transaction that was there first, and nobody waits behind it.
        run("set lock_timeout = 0;")
        run("set client_min_messages = 'warning';")
        # What an interrupted build leaves behind is no index.
        run("drop index concurrently if exists artifacts_type_name_idx;")
        run("create unique index concurrently artifacts_type_name_idx on artifacts (type, name);")
        run("reset client_min_messages;")
        run("set lock_timeout = '100ms';")
    lock_tables()
    # Logical replication cannot tell rows apart by a generated key.
    run("alter table artifacts replica identity using index artifacts_type_name_idx;")
    for parent in PARENTS:
        install(
            revision,
            f"triggers/{parent}_restart_counts.sql",
            f"triggers/{parent}_start_counts.sql",
        )
    for parent, key in KEYS:
        op.alter_column(parent, key, server_default=sa.text(NEW_KEY))
    for log in LOGS:
        # No row that another catalogue's log had has a number that this one will draw.
        run(f"select setval('{log}_seq_seq', (2 ^ 40)::bigint + (random() * 2 ^ 61)::bigint);")
    install(
        revision,
        *(f"triggers/{child}_are_counted.sql" for child in COUNTED),
        *(f"triggers/{table}_log_changes.sql" for table in LOGGED),
        "triggers/tags_log_changes.sql",
    )


def downgrade() -> None:
    """Draw keys from a sequence again."""
    lock_tables()
    for parent, key in KEYS:
        op.alter_column(parent, key, server_default=sa.text("nextval('count_keys')"))
    for parent in PARENTS:
        for event in ("insert", "rename"):
            run(f"drop trigger {parent}_start_counts_on_{event} on {parent};")
        run(f"drop function {parent}_start_counts();")
        install("0002_counts", f"triggers/{parent}_restart_counts.sql")
    reinstall("0002_counts", *(f"triggers/{child}_are_counted.sql" for child in COUNTED))
    reinstall(
        "0005_change_log",
        *(f"triggers/{table}_log_changes.sql" for table in LOGGED),
        "triggers/tags_log_changes.sql",
    )
    run("alter table artifacts replica identity default;")
    run("drop index artifacts_type_name_idx;")


def lock_tables() -> None:
    # All at once and before any of them is changed, so that writers wait here or not at all.
    tables = sorted({*COUNTED, *LOGGED, *PARENTS})
    op.execute(f"lock table {', '.join(tables)} in access exclusive mode")
