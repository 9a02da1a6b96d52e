"""The temporary tables of SkillMeat's data, from which the statements import it."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from psycopg.types.json import Jsonb

from skillmeat.database.query import Conn
from skillmeat.importer.readers.skillmeat import ArtifactRow, SkillMeatData
from skillmeat.importer.skillmeat.conflicts import ResolvedData
from skillmeat.importer.skillmeat.tables import COLLECTIONS, GROUPS, TAGS, TEMPLATES, StagedTable
from skillmeat.importer.staging import copy_rows

CREATE: Final = """
    create temporary table skillmeat_artifacts (
        id text collate "C" primary key,
        type text collate "C",
        name text collate "C",
        title text,
        description text,
        author text,
        license text,
        source text,
        origin text,
        metadata jsonb,
        added_at timestamptz,
        updated_at timestamptz,
        version text,
        content_hash text,
        has_generated_hash boolean
    )
    on commit drop;

    create temporary table skillmeat_versions (
        ordinal bigint generated always as identity,
        artifact_id text collate "C",
        content_hash text,
        change_origin text,
        created_at timestamptz,
        metadata jsonb,
        is_deployed boolean
    )
    on commit drop;

    create temporary table skillmeat_artifact_tags (
        artifact_id text collate "C",
        tag_id text collate "C",
        created_at timestamptz
    )
    on commit drop;

    create temporary table skillmeat_memberships (
        collection_id text collate "C",
        artifact_id text collate "C",
        added_at timestamptz,
        has_exact_time boolean
    )
    on commit drop;

    create temporary table skillmeat_group_artifacts (
        group_id text collate "C",
        artifact_id text collate "C",
        position integer,
        added_at timestamptz
    )
    on commit drop
"""

_TABLES: Final = """
    pg_temp.skillmeat_artifacts, pg_temp.skillmeat_versions,
    pg_temp.skillmeat_artifact_tags, pg_temp.skillmeat_memberships,
    pg_temp.skillmeat_group_artifacts, pg_temp.skillmeat_collections,
    pg_temp.skillmeat_groups, pg_temp.skillmeat_tags, pg_temp.skillmeat_project_templates
"""
ANALYZE: Final = f"analyze {_TABLES}"
DROP: Final = f"drop table {_TABLES}"

_ARTIFACT_COLUMNS: Final = (
    *("id", "type", "name", "title", "description", "author", "license", "source", "origin"),
    *("metadata", "added_at", "updated_at", "version"),
)
_VERSION_COLUMNS: Final = (
    *("artifact_id", "content_hash", "change_origin", "created_at", "metadata", "is_deployed"),
)
_GROUP_ARTIFACT_COLUMNS: Final = ("group_id", "artifact_id", "position", "added_at")


def stage_data(conn: Conn, data: SkillMeatData, resolved: ResolvedData) -> None:
    """Create and fill the temporary tables; `DROP` or the end of the transaction removes them."""
    conn.execute(CREATE)
    copy_rows(
        conn,
        "skillmeat_artifacts",
        (*_ARTIFACT_COLUMNS, "content_hash", "has_generated_hash"),
        (
            (*_get_values(row, _ARTIFACT_COLUMNS), _get_hash(row), row.content_hash is None)
            for row in data.artifacts
        ),
    )
    copy_rows(
        conn,
        "skillmeat_versions",
        _VERSION_COLUMNS,
        (_get_values(row, _VERSION_COLUMNS) for row in data.versions),
    )
    copy_rows(
        conn,
        "skillmeat_artifact_tags",
        ("artifact_id", "tag_id", "created_at"),
        (
            (row.artifact_id, resolved.tag_ids[row.slug], row.created_at)
            for row in data.artifact_tags
        ),
    )
    copy_rows(
        conn,
        "skillmeat_memberships",
        ("collection_id", "artifact_id", "added_at", "has_exact_time"),
        (
            (
                resolved.collection_ids[row.collection_id],
                row.artifact_id,
                row.added_at,
                not (row.is_from_group or row.is_deployed),
            )
            for row in data.memberships
        ),
    )
    copy_rows(
        conn,
        "skillmeat_group_artifacts",
        _GROUP_ARTIFACT_COLUMNS,
        (_get_values(row, _GROUP_ARTIFACT_COLUMNS) for row in data.group_artifacts),
    )
    _stage_table(conn, TAGS, resolved.tags)
    _stage_table(conn, COLLECTIONS, resolved.collections)
    _stage_table(conn, GROUPS, resolved.groups)
    _stage_table(conn, TEMPLATES, resolved.templates)
    conn.execute(ANALYZE)


def _stage_table(conn: Conn, table: StagedTable, rows: Sequence[tuple[object, bool]]) -> None:
    conn.execute(table.create())
    columns = ("id", *table.columns, "created_at", "updated_at")
    copy_rows(
        conn,
        table.staged_name,
        (*columns, "replaces_existing"),
        ((*_get_values(row, columns), replaces_existing) for row, replaces_existing in rows),
    )


def _get_hash(artifact: ArtifactRow) -> str | None:
    if artifact.content_hash is not None or artifact.version is None:
        return artifact.content_hash
    # A version must have a content hash. If none is known, the id and the version give one.
    return hashlib.sha256(f"{artifact.id}@{artifact.version}".encode()).hexdigest()


def _get_values(row: object, columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(_adapt(getattr(row, column)) for column in columns)


def _adapt(value: object) -> object:
    if isinstance(value, dict):
        return Jsonb(value)
    return list(value) if isinstance(value, tuple) else value
