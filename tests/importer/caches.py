"""Small databases as SkillMeat makes them, with its earlier or its later schema."""

import sqlite3
from contextlib import closing
from pathlib import Path

from psycopg import Connection

from skillmeat.importer import SkillMeatReport, import_skillmeat
from skillmeat.importer.readers.skillmeat import find_files

MOMENT = "2026-01-02 03:04:05.678900"
LATER = "2026-02-03 00:00:00.000000"

EARLIER = """
    create table collections (
        id varchar not null primary key, name varchar not null, description text,
        created_by varchar, collection_type varchar, context_category varchar,
        created_at datetime not null, updated_at datetime not null
    );
    create table collection_artifacts (
        collection_id varchar not null, artifact_id varchar not null, added_at datetime not null
    );
    create table groups (
        id varchar not null primary key, collection_id varchar not null, name varchar not null,
        description text, position integer not null default 0, created_at datetime not null,
        updated_at datetime not null
    );
    create table group_artifacts (
        group_id varchar not null, artifact_id varchar not null,
        position integer not null default 0, added_at datetime not null
    );
    create table artifacts (
        id varchar not null primary key, project_id varchar not null, name varchar not null,
        type varchar not null, source varchar, deployed_version varchar, content_hash text,
        description text, created_at datetime not null, updated_at datetime not null
    );
    create table tags (
        id varchar not null primary key, name varchar not null, slug varchar not null,
        color varchar, created_at datetime not null, updated_at datetime not null
    );
    create table artifact_tags (
        artifact_id varchar not null, tag_id varchar not null, created_at datetime not null
    );
    create table project_templates (
        id varchar not null primary key, name varchar not null, description text,
        collection_id varchar not null, created_at datetime not null, updated_at datetime not null
    );
    create table artifact_versions (
        id varchar not null primary key, artifact_id varchar not null,
        content_hash varchar not null, parent_hash varchar, change_origin varchar not null,
        version_lineage text, created_at datetime not null, metadata text
    );
"""
LATER_STATE = (
    EARLIER
    + """
    alter table artifacts add column uuid varchar;
    alter table collection_artifacts rename column artifact_id to artifact_uuid;
    alter table group_artifacts rename column artifact_id to artifact_uuid;
    alter table artifact_tags rename column artifact_id to artifact_uuid;
    alter table collection_artifacts add column description text;
    alter table collection_artifacts add column author varchar;
    alter table collection_artifacts add column tags_json text;
    alter table groups add column tags_json text not null default '[]';
    alter table groups add column color varchar not null default 'slate';
    alter table groups add column icon varchar not null default 'layers';
"""
)


class Cache:
    """A cache.db that a test fills; values that the test does not give are ordinary."""

    def __init__(self, path: Path, *, schema: str = EARLIER) -> None:
        self.path = path
        self.is_later = schema != EARLIER
        with closing(sqlite3.connect(path)) as conn:
            conn.executescript(f"pragma synchronous = off; begin; {schema} commit;")

    def run(self, statement: str, *values: object) -> None:
        """Run a statement that the test gives."""
        with closing(sqlite3.connect(self.path)) as conn, conn:
            # To wait for the disk takes longer than the import.
            conn.execute("pragma synchronous = off")
            conn.execute(statement, values)

    def collection(self, id_: str, name: str, **more: object) -> None:
        """Add a collection."""
        self._insert(
            "collections",
            {"id": id_, "name": name, "created_at": MOMENT, "updated_at": LATER} | more,
        )

    def artifact(self, id_: str, **more: object) -> None:
        """Add an artifact; in the later schema its uuid is derived from its id."""
        kind, _, name = id_.partition(":")
        row = {"id": id_, "type": kind, "name": name, "project_id": "collection_artifacts_global"}
        if self.is_later:
            row["uuid"] = self.uuid(id_)
        self._insert("artifacts", row | {"created_at": MOMENT, "updated_at": LATER} | more)

    def member(self, collection: str, artifact: str, **more: object) -> None:
        """Add an artifact to a collection."""
        self._insert(
            "collection_artifacts",
            {"collection_id": collection, **self._refer(artifact), "added_at": MOMENT} | more,
        )

    def group(self, id_: str, collection: str, name: str, **more: object) -> None:
        """Add a group."""
        row = {"id": id_, "collection_id": collection, "name": name}
        self._insert("groups", row | {"created_at": MOMENT, "updated_at": LATER} | more)

    def place(self, group: str, artifact: str, position: int) -> None:
        """Add an artifact to a group, at a position."""
        self._insert(
            "group_artifacts",
            {"group_id": group, **self._refer(artifact), "position": position, "added_at": MOMENT},
        )

    def tag(self, id_: str, name: str, *artifacts: str, **more: object) -> None:
        """Add a tag to the catalogue and to artifacts."""
        row = {"id": id_, "name": name, "slug": name.lower().replace(" ", "-")}
        self._insert("tags", row | {"created_at": MOMENT, "updated_at": LATER} | more)
        for artifact in artifacts:
            self._insert(
                "artifact_tags", {**self._refer(artifact), "tag_id": id_, "created_at": MOMENT}
            )

    @staticmethod
    def uuid(artifact: str) -> str:
        """Return the uuid of an artifact in the later schema."""
        return artifact.encode().hex()[:32].ljust(32, "0")

    def _refer(self, artifact: str) -> dict[str, str]:
        if self.is_later:
            return {"artifact_uuid": self.uuid(artifact)}
        return {"artifact_id": artifact}

    def _insert(self, table: str, row: dict[str, object]) -> None:
        names, marks = ", ".join(row), ", ".join("?" for _ in row)
        self.run(f"insert into {table} ({names}) values ({marks})", *row.values())


def import_path(conn: Connection, path: Path, *, dry_run: bool = False) -> SkillMeatReport:
    """Import the source at `path`."""
    return import_skillmeat(conn, find_files(path), dry_run=dry_run)
