"""Move databases around without counting twice, and verify and repair a part at a time.

Revises: 0008_search
"""

import sqlalchemy as sa
from alembic import op

from skillmeat.migration.frozen import install, reinstall, run

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
VACUUM = (("autovacuum_vacuum_insert_threshold", -1), ("autovacuum_vacuum_cost_delay", 0))
NEW_KEY = "hashtextextended(gen_random_uuid()::text, 0)"
PARENTS = ("artifact_types", "collections", "groups", "tags")


def upgrade() -> None:
    """Have counts start at zero wherever their rows come from, and add what a DBA verifies with."""
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
    run("drop sequence count_keys;")
    for log in LOGS:
        run(f"alter table {log} set ({', '.join(f'{each} = {value}' for each, value in VACUUM)});")
        # No row that another catalogue's log had has a number that this one will draw.
        run(f"select setval('{log}_seq_seq', (2 ^ 40)::bigint + (random() * 2 ^ 61)::bigint);")
    install(
        revision,
        *(f"triggers/{child}_are_counted.sql" for child in COUNTED),
        *(f"triggers/{table}_log_changes.sql" for table in LOGGED),
        "triggers/tags_log_changes.sql",
        "views/count_drift.sql",
    )
    run("drop function repair_counts();")
    run("drop function repair_summaries();")
    # A grant on the snapshot and a refresh would change the same row of pg_class.
    op.execute("select pg_advisory_xact_lock(hashtextextended('refresh ' || current_schema(), 0))")
    install(
        revision,
        "functions/settle_counts.sql",
        "functions/search_terms.sql",
        "functions/refresh_artifact_summaries.sql",
        "functions/summary_drift_of.sql",
        "functions/repair_counts.sql",
        "functions/repair_summaries.sql",
        "settings/artifact_summaries_snapshot.sql",
        "roles/roles.sql",
    )
    # A grant on the snapshot leaves the mark of a stranger on it, as a REFRESH by hand does.
    run("do 'begin perform refresh_artifact_summaries(); end';")


def downgrade() -> None:
    """Draw keys from a sequence again."""
    lock_tables()
    run("drop function repair_counts(text, text[]);")
    run("drop function repair_summaries(text[]);")
    run("drop function summary_drift_of(text[]);")
    # Above every key that it has ever given out.
    run(f"create sequence count_keys start with {2**40};")
    for parent, key in KEYS:
        op.alter_column(parent, key, server_default=sa.text("nextval('count_keys')"))
    for parent in PARENTS:
        for event in ("insert", "rename"):
            run(f"drop trigger {parent}_start_counts_on_{event} on {parent};")
        run(f"drop function {parent}_start_counts();")
        install("0002_counts", f"triggers/{parent}_restart_counts.sql")
    reinstall(
        "0002_counts",
        *(f"triggers/{child}_are_counted.sql" for child in COUNTED),
        "views/count_drift.sql",
    )
    reinstall("0004_summaries", "functions/repair_counts.sql", "functions/settle_counts.sql")
    reinstall(
        "0005_change_log",
        *(f"triggers/{table}_log_changes.sql" for table in LOGGED),
        "triggers/tags_log_changes.sql",
    )
    for log in LOGS:
        run(f"alter table {log} reset ({', '.join(each for each, _ in VACUUM)});")
    op.execute("select pg_advisory_xact_lock(hashtextextended('refresh ' || current_schema(), 0))")
    run(
        "alter materialized view artifact_summaries_snapshot reset "
        "(autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);"
    )
    reinstall("0006_snapshot", "functions/refresh_artifact_summaries.sql")
    install("0007_merged_summaries", "functions/repair_summaries.sql")
    reinstall("0008_search", "functions/search_terms.sql")
    install("0008_search", "roles/roles.sql")
    run("alter table artifacts replica identity default;")
    run("drop index artifacts_type_name_idx;")
    run("do 'begin perform refresh_artifact_summaries(); end';")


def lock_tables() -> None:
    # All at once and before any of them is changed, so that writers wait here or not at all.
    tables = sorted({*COUNTED, *LOGGED, *PARENTS})
    op.execute(f"lock table {', '.join(tables)} in access exclusive mode")
