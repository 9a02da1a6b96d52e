"""The search for artifacts, by words and by substrings of names, and collections from A to Z.

Revises: 0003_summaries
"""

from alembic import op

from skillmeat.migration.environment import (
    install,
    lock_tables,
    revoke_default_privileges,
    run,
    wait_for_transactions,
    watch_builds,
)

revision = "0004_search"
down_revision = "0003_summaries"

INDEXES = (
    "artifact_contents_content_idx",
    "artifacts_lower_name_id_idx",
    "artifacts_name_title_description_idx",
    "collections_sort_key_idx",
    "tags_name_idx",
)
VIEWS = ("searchable_artifacts", "searchable_contents", "searchable_tags")


def upgrade() -> None:
    """Build the indexes while writers keep writing, then create the functions."""
    with op.get_context().autocommit_block():
        # The build waits for every transaction that began before it, and blocks no writer.
        wait_for_transactions(revision)
        run("set lock_timeout = 0;")
        run("set client_min_messages = 'warning';")
        with watch_builds():
            for index in INDEXES:
                # An interrupted build leaves an invalid index.
                run(f"drop index concurrently if exists {index};")
                install(revision, f"indexes/{index}.sql")
        run("set client_min_messages = 'notice';")
        run("set lock_timeout = '100ms';")
    install(
        revision,
        "settings/search_indexes.sql",
        *(f"views/{view}.sql" for view in VIEWS),
        "functions/search_terms.sql",
        "functions/search_artifacts.sql",
    )
    revoke_default_privileges()


def downgrade() -> None:
    """Drop the search and its indexes."""
    lock_tables(revision, "artifacts", "artifact_contents", "collections", "tags")
    run("drop function search_artifacts(text);")
    run("drop function search_terms(text);")
    for view in VIEWS:
        run(f"drop view {view};")
    for index in INDEXES:
        run(f"drop index {index};")
