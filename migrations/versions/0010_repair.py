"""Verify and repair a part at a time, and let the roles do so.

Revises: 0009_operation
"""

from alembic import op

from skillmeat.migration.frozen_sql import install, reinstall, run

revision = "0010_repair"
down_revision = "0009_operation"

LOGS = ("artifact_changes", "count_changes")
VACUUM = (("autovacuum_vacuum_insert_threshold", -1), ("autovacuum_vacuum_cost_delay", 0))


def upgrade() -> None:
    """Add what a DBA verifies with. It ends with a refresh, so it locks no table of the domain."""
    wait_for_refresh()
    for log in LOGS:
        run(f"alter table {log} set ({', '.join(f'{each} = {value}' for each, value in VACUUM)});")
    # Where 0009_operation still did all of this itself these are gone, and the functions are there.
    run("drop sequence if exists count_keys;")
    run("drop function if exists repair_counts();")
    run("drop function if exists repair_summaries();")
    reinstall(
        revision,
        "views/count_drift.sql",
        "functions/settle_counts.sql",
        "functions/search_terms.sql",
        "functions/refresh_artifact_summaries.sql",
        "functions/summary_drift_of.sql",
        "functions/repair_counts.sql",
        "functions/repair_summaries.sql",
    )
    install(revision, "settings/artifact_summaries_snapshot.sql", "roles/roles.sql")
    refresh()


def downgrade() -> None:
    """Verify and repair all at once again."""
    wait_for_refresh()
    for log in LOGS:
        run(f"alter table {log} reset ({', '.join(each for each, _ in VACUUM)});")
    run("drop function repair_counts(text, text[]);")
    run("drop function repair_summaries(text[]);")
    run("drop function summary_drift_of(text[]);")
    run(
        "alter materialized view artifact_summaries_snapshot reset "
        "(autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);"
    )
    reinstall("0002_counts", "views/count_drift.sql")
    reinstall("0004_summaries", "functions/repair_counts.sql", "functions/settle_counts.sql")
    reinstall("0006_snapshot", "functions/refresh_artifact_summaries.sql")
    install("0007_merged_summaries", "functions/repair_summaries.sql")
    reinstall("0008_search", "functions/search_terms.sql")
    # Above every key that it has ever given out.
    run(f"create sequence count_keys start with {2**40};")
    install(revision, "revoke.sql")
    install("0008_search", "roles/roles.sql")
    refresh()


def wait_for_refresh() -> None:
    # A grant on the snapshot and a refresh would change the same row of pg_class.
    op.execute("select pg_advisory_xact_lock(hashtextextended('refresh ' || current_schema(), 0))")


def refresh() -> None:
    # A grant on the snapshot leaves the mark of a stranger on it, as a REFRESH by hand does.
    run("do 'begin perform refresh_artifact_summaries(); end';")
