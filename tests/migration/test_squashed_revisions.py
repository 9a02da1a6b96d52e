"""A catalogue of a revision from before the first release says how it is carried over."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from psycopg import Connection

import skillmeat
from skillmeat import migration
from skillmeat.embedded import find_binaries
from skillmeat.errors import SkillMeatError
from tests.db.oracle import differences
from tests.db.sample import SAMPLE

CHECKOUT = Path(skillmeat.__file__).parent.parent
OLD_HEAD = "0013_cheaper_counts"
# Objects that the old head lacked, or that had other names.
OLD_NAMES = """
drop view count_drift, collection_summaries, group_summaries, tag_summaries cascade;
drop view artifact_type_summaries cascade;
drop view if exists artifact_summaries, artifact_summaries_json, artifact_summaries_live cascade;
alter table collections
    alter column artifact_count type bigint,
    alter column group_count type bigint,
    add constraint collections_artifact_count_is_not_negative check (artifact_count >= 0),
    add constraint collections_group_count_is_not_negative check (group_count >= 0);
alter table groups
    alter column artifact_count type bigint,
    add constraint groups_artifact_count_is_not_negative check (artifact_count >= 0);
alter table tags
    alter column artifact_count type bigint,
    add constraint tags_artifact_count_is_not_negative check (artifact_count >= 0);
alter table artifact_types
    alter column artifact_count type bigint,
    add constraint artifact_types_artifact_count_is_not_negative check (artifact_count >= 0);
drop domain settled_count;
create view an_old_view as select artifact_count from collections;
drop function artifact_versions_delete_contents() cascade;
drop view artifact_history, searchable_contents;
drop table artifact_contents;
drop index artifact_versions_content_hash_idx, artifacts_updated_at_id_idx;
alter table artifact_versions alter column content_hash type text collate "default";
drop table source_artifacts, source_collections, sources;
alter table artifacts drop column is_imported cascade;
alter table tags drop column is_imported;
alter table artifact_tags drop column is_imported;
alter table collection_artifacts drop column is_imported;
drop index collections_id_idx;
alter table collections drop column json_prefix cascade;
drop function collections_set_json_prefix() cascade;
alter table last_refresh rename column is_only_row to is_last;
alter table last_refresh rename column bypass_after_seq to crowded_at;
alter table last_refresh rename column snapshot_xmin to refreshed_by;
alter function preallocate_log_pages() rename to widen_logs;
alter view searchable_artifacts rename to searched_artifacts;
alter view searchable_tags rename to searched_tags;
alter function tags_reset_counts() rename to tags_start_counts;
alter trigger tags_reset_counts_on_insert on tags rename to tags_start_counts_on_insert;
alter function groups_refuse_key_reuse() rename to groups_refuse_taken_key;
alter trigger groups_refuse_key_reuse on groups rename to groups_refuse_taken_key;
create function artifacts_log_changes() returns trigger
    language plpgsql as 'begin return null; end';
create function artifact_tags_log_changes() returns trigger
    language plpgsql as 'begin return null; end';
create function collection_artifacts_log_changes() returns trigger
    language plpgsql as 'begin return null; end';
create trigger artifacts_log_changes_on_insert
    after insert on artifacts for each statement execute function artifacts_log_changes();
alter function artifact_tags_record_changes() rename to artifact_tags_are_counted;
alter trigger artifact_tags_record_changes_on_update on artifact_tags
    rename to artifact_tags_are_counted_on_update;
alter function artifact_versions_record_changes() rename to artifact_versions_log_changes;
alter trigger artifact_versions_record_changes_on_insert on artifact_versions
    rename to artifact_versions_log_changes_on_insert;
alter function set_updated_at() rename to touch_updated_at;
alter trigger tags_set_updated_at on tags rename to tags_touch_updated_at;
drop function artifacts_set_id() cascade;
alter table artifacts
    drop constraint artifacts_id_is_type_and_name,
    replica identity using index artifacts_type_name_idx;
delete from artifact_types where type in ('lsp_server', 'monitor', 'output_style', 'theme');
update alembic_version set version_num = '0013_cheaper_counts';
"""


@pytest.mark.parametrize(
    "ask", [migration.upgrade, migration.get_status, migration.check_schema, migration.fix_schema]
)
def test_the_error_of_the_old_head_names_the_commands(
    url: str, conn: Connection, ask: Callable[..., object]
) -> None:
    conn.execute("update alembic_version set version_num = %s", [OLD_HEAD])

    with pytest.raises(SkillMeatError) as told:
        ask(url=url)

    assert str(told.value) == (
        "schema 'skillmeat' is at 0013_cheaper_counts, from before the first release: run "
        '`psql "$SKILLMEAT_DATABASE_URL" --variable schema=skillmeat '
        "--file migrations/carry_over.sql`, then `skillmeat migrate check --fix`"
    )


def test_plain_alembic_says_the_same_in_one_line(url: str, conn: Connection) -> None:
    conn.execute("update alembic_version set version_num = %s", [OLD_HEAD])

    ran = alembic(url, "upgrade", "head")

    assert "--file migrations/carry_over.sql" in ran.stderr + ran.stdout
    assert (ran.returncode != 0, len((ran.stderr + ran.stdout).splitlines())) == (True, 1)


def test_the_printed_commands_carry_the_old_head_over(url: str, conn: Connection) -> None:
    conn.execute(SAMPLE)
    types = conn.execute("select type from artifact_types order by type").fetchall()
    conn.execute(OLD_NAMES)
    conn.execute("delete from collection_artifacts where artifact_id = 'skill:s1'")

    ran = subprocess.run(
        [
            find_binaries() / "psql",
            "--no-psqlrc",
            "--variable=schema=skillmeat",
            "--quiet",
            f"--file={CHECKOUT / 'migrations' / 'carry_over.sql'}",
            url,
        ],
        text=True,
        capture_output=True,
        check=False,
    )
    fixed = migration.fix_schema(url=url)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert (migration.get_status(url=url).up_to_date, fixed.remaining.differences) == (True, ())
    assert conn.execute("select type from artifact_types order by type").fetchall() == types
    assert differences(conn) == []


@pytest.mark.parametrize("revision", ["0001_catalogue", "0002_counts", "0007_merged_summaries"])
def test_the_error_of_an_older_revision_names_an_old_checkout(
    first_url: str, revision: str
) -> None:
    with skillmeat.connect(first_url, autocommit=True) as conn:
        conn.execute("alter table groups drop column tags cascade")
        conn.execute("update alembic_version set version_num = %s", [revision])

    with pytest.raises(SkillMeatError, match="run `skillmeat migrate up` in a checkout of"):
        migration.upgrade(url=first_url)


def alembic(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=CHECKOUT,
        env={"SKILLMEAT_DATABASE_URL": url},
        text=True,
        capture_output=True,
        check=False,
    )
