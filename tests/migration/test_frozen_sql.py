"""Frozen copies, `db/` and a migrated database agree."""

import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import Connection
from sqlalchemy import create_engine

import db
import skillmeat
from db.render import (
    FROZEN,
    HASHES,
    find_newest_copies,
    hash_copies,
    read_rows,
    render_all,
    write_copies,
)
from skillmeat import models
from skillmeat.migration.environment import fill, is_compared
from tests.migration.catalog import catalog

# A later file may need an earlier one; all of them are in the order of the migrations.
ORDER = (
    "views/count_drift.sql",
    "counters/recount.sql",
    "triggers/refuse_stale_truncate.sql",
    "triggers/",
    "counters/",
    "change_log/",
    "views/collection_summaries.sql",
    "views/artifact_details.sql",
    "views/artifact_summaries_snapshot.sql",
    "views/snapshot_bypass.sql",
    "views/artifact_summaries_json.sql",
    "views/artifact_summaries.sql",
    "views/artifact_summaries_live.sql",
    "views/",
    "functions/search_terms.sql",
    "functions/",
    "settings/artifact_summaries_snapshot.sql",
    "roles/",
)


def test_the_newest_frozen_copies_are_what_db_renders() -> None:
    newest = {name: path.read_text() for name, path in find_newest_copies().items()}

    assert {name: newest.get(name) for name in render_all()} == render_all()


def test_no_frozen_copy_changes_without_its_hash() -> None:
    assert HASHES.read_text() == hash_copies()


def test_a_new_file_is_rendered_into_its_revision_and_a_changed_one_into_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(FROZEN, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr("db.render.FROZEN", tmp_path)
    new = tmp_path / "0003_summaries/views/tag_summaries.sql"
    changed = tmp_path / "0005_access/roles/roles.sql"
    new.unlink()
    changed.write_text("select")

    written = list(write_copies("0003_summaries"))

    assert {*written} == {new, changed}


def test_a_migrated_database_is_what_the_models_and_db_make(url: str, empty_url: str) -> None:
    create_from_db(empty_url)

    with skillmeat.connect(url) as migrated, skillmeat.connect(empty_url) as made:
        assert catalog(migrated) == {**catalog(made), **commented(migrated, like=made)}


def test_alembic_finds_no_difference(url: str) -> None:
    with skillmeat.connect(url) as session:
        engine = create_engine("postgresql+psycopg://", creator=lambda: session)
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "include_object": is_compared}
            )
            found = compare_metadata(context, models.Base.metadata)
        engine.dispose()

    assert found == []


def test_everything_has_a_comment(conn: Connection) -> None:
    silent = [
        name
        for name, told in catalog(conn).items()
        if name.split()[0] in {"relation", "function", "trigger"} and told.endswith(" | ")
    ]

    assert silent == []


@pytest.mark.parametrize(
    "path", sorted(Path(db.__file__).parent.glob("*/*.sql")), ids=lambda path: path.name
)
def test_no_sql_file_names_a_schema(path: Path) -> None:
    # A hint may name the command.
    assert "skillmeat" not in path.read_text().replace("run: skillmeat migrate", "")


def create_from_db(url: str) -> None:
    """Build a catalogue from today's files, without any migration."""
    with skillmeat.connect(url) as session:
        session.execute("create schema skillmeat")
        session.execute("create table skillmeat.alembic_version (version_num text)")
        session.commit()
        engine = create_engine("postgresql+psycopg://", creator=lambda: session)
        with engine.connect() as connection:
            models.Base.metadata.create_all(connection)
            connection.commit()
        left = dict(render_for_each_row())
        for start in ORDER:
            for name in [each for each in left if each.startswith(start)]:
                session.execute(left.pop(name))
        session.commit()
        # Built concurrently, which cannot be done in a transaction.
        session.autocommit = True
        for start in ("indexes/", "settings/search_indexes.sql"):
            for name in [each for each in left if each.startswith(start)]:
                session.execute(left.pop(name))
        assert left == {}


def render_for_each_row() -> Iterator[tuple[str, str]]:
    """Fill the copies that are for each counter or logged table with the rows of the TOML files."""
    rows = read_rows()
    for name, sql in render_all().items():
        for number, row in enumerate(rows.get(name, (None,))):
            yield f"{name} {number}", fill(sql, asdict(row) if row else {})


def commented(conn: Connection, *, like: Connection) -> dict[str, str]:
    """Return tables and domains that differ only in their comment, which migrations alone set."""
    bare = catalog(like)
    return {
        name: told
        for name, told in catalog(conn).items()
        if (name.startswith("domain ") and told.startswith(bare[name]))
        or (name.startswith("relation ") and told.startswith("r"))
    }
