"""Imports of SkillMeat's homes, collection manifests and records of deployment."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg import Connection

from skillmeat.errors import SourceError
from tests.importer.caches import Cache, import_path

MANIFEST = """
[collection]
name = "default"
created = "2026-01-01T00:00:00"
updated = "2026-01-02T00:00:00"

[[artifacts]]
name = "pdf"
type = "skill"
path = "skills/pdf"
origin = "github"
upstream = "github.com/x/y"
version_spec = "latest"
added = "2026-03-04T05:06:07.123456"
tags = ["documents", "AI tools"]

[artifacts.metadata]
title = "PDF"
version = "2.0"
tools = ["Read"]
"""
DEPLOYED = """
[[deployed]]
artifact_name = "pdf"
artifact_type = "skill"
from_collection = "work"
deployed_at = "2026-05-06T07:08:09"
content_hash = "abc123"
version_lineage = ["abc123"]
"""


def test_a_home_is_read_from_its_database_and_its_collections(
    conn: Connection, tmp_path: Path
) -> None:
    home = tmp_path / ".skillmeat"
    (home / "cache").mkdir(parents=True)
    cache = Cache(home / "cache" / "cache.db")
    cache.collection("default", "Default Collection")
    cache.member("default", "skill:pdf")
    (home / "collections" / "default").mkdir(parents=True)
    (home / "collections" / "default" / "collection.toml").write_text(MANIFEST)

    import_path(conn, home)

    row = conn.execute(
        "select title, source, origin, metadata ->> 'version_spec', tags, version, added_at,"
        " collections -> 0 ->> 'artifact_count' from artifact_summaries where id = 'skill:pdf'"
    ).fetchone()
    assert row == (
        "PDF",
        "github.com/x/y",
        "github",
        "latest",
        ["AI tools", "documents"],
        "2.0",
        datetime(2026, 3, 4, 5, 6, 7, 123456, tzinfo=UTC),
        "1",
    )


def test_a_folder_of_collections_is_read_without_a_database(
    conn: Connection, tmp_path: Path
) -> None:
    (tmp_path / "collections" / "work").mkdir(parents=True)
    (tmp_path / "collections" / "work" / "collection.toml").write_text(MANIFEST)

    report = import_path(conn, tmp_path / "collections")

    counts = conn.execute("select name, artifact_count from collection_summaries").fetchall()
    assert counts == [("work", 1)]
    assert [note.reason for note in report.not_imported] == [
        "the name default: the collection is named after its folder"
    ]


def test_a_content_that_a_project_deployed_is_a_version(conn: Connection, tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / ".skillmeat-deployed.toml").write_text(DEPLOYED)

    first, second = (import_path(conn, tmp_path) for _ in range(2))

    row = conn.execute(
        "select v.artifact_id, v.content_hash, v.change_origin, v.created_at, c.name"
        " from artifact_versions as v inner join collection_artifacts using (artifact_id)"
        " inner join collections as c on c.id = collection_id"
    ).fetchone()
    assert (row, first.changed, second.changed) == (
        (
            "skill:pdf",
            "abc123",
            "deployment",
            datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC),
            "work",
        ),
        True,
        False,
    )


@pytest.mark.parametrize("text", ["artifacts = 7", 'artifacts = ["x"]'])
def test_a_manifest_entry_that_is_not_an_artifact_is_not_imported(
    conn: Connection, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "collection.toml"
    path.write_text(text)

    assert import_path(conn, path).not_imported


@pytest.mark.parametrize("text", ["[[artifacts", "\x00", "a = \xff"])
def test_a_manifest_that_is_not_toml_is_refused(
    conn: Connection, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "collection.toml"
    path.write_text(text)

    with pytest.raises(SourceError, match=r"collection\.toml"):
        import_path(conn, path)


def test_a_secret_of_a_server_stays_in_skillmeats_files(conn: Connection, tmp_path: Path) -> None:
    folder = tmp_path / ".skillmeat" / "collections" / "default"
    folder.mkdir(parents=True)
    table = "[artifacts.metadata]\nenv = {TOKEN = 'hunter2', HOST = '${HOST}'}"
    (folder / "collection.toml").write_text(
        MANIFEST.replace("[artifacts.metadata]", table).replace('"skill"', '"mcp"')
    )

    import_path(conn, tmp_path / ".skillmeat")

    row = conn.execute("select metadata from artifacts where id = 'mcp:pdf'").fetchone()
    assert row is not None
    assert row[0]["env"] == {"TOKEN": "***", "HOST": "${HOST}"}
