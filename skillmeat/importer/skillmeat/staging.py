"""Copies what a source holds into temporary tables, from where one statement a table takes it."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from skillmeat.importer.readers.skillmeat import HeldArtifact, Holdings
from skillmeat.importer.skillmeat import statements
from skillmeat.importer.skillmeat.conflicts import Resolved
from skillmeat.importer.skillmeat.tables import COLLECTIONS, GROUPS, TAGS, TEMPLATES, Table
from skillmeat.query import Conn


def stage(conn: Conn, holdings: Holdings, resolved: Resolved) -> None:
    """Fill the temporary tables; they go with the transaction, or by `statements.DROP`."""
    conn.execute(statements.STAGE)
    _copy(
        conn,
        "adopted_artifacts",
        (
            "id",
            "type",
            "name",
            "title",
            "description",
            "author",
            "license",
            "source",
            "origin",
            "metadata",
            "added_at",
            "updated_at",
            "version",
            "content_hash",
            "hash_is_made",
        ),
        map(_artifact, holdings.artifacts),
    )
    _copy(
        conn,
        "adopted_versions",
        ("artifact_id", "content_hash", "change_origin", "created_at", "metadata", "is_deployed"),
        (
            (
                each.artifact_id,
                each.content_hash,
                each.change_origin,
                each.created_at,
                Jsonb(each.metadata),
                each.is_deployed,
            )
            for each in holdings.versions
        ),
    )
    _copy(
        conn,
        "adopted_taggings",
        ("artifact_id", "tag_id", "created_at"),
        (
            (each.artifact_id, resolved.tag_ids[each.slug], each.created_at)
            for each in holdings.taggings
        ),
    )
    _copy(
        conn,
        "adopted_memberships",
        ("collection_id", "artifact_id", "added_at", "is_guessed"),
        (
            (
                resolved.collection_ids[each.collection_id],
                each.artifact_id,
                each.added_at,
                each.is_joined or each.is_deployed,
            )
            for each in holdings.memberships
        ),
    )
    _copy(
        conn,
        "adopted_placements",
        ("group_id", "artifact_id", "position", "added_at"),
        (
            (each.group_id, each.artifact_id, each.position, each.added_at)
            for each in holdings.placements
        ),
    )
    _rows(conn, TAGS, resolved.tags)
    _rows(conn, COLLECTIONS, resolved.collections)
    _rows(conn, GROUPS, resolved.groups)
    _rows(conn, TEMPLATES, resolved.templates)
    conn.execute(statements.ANALYZE)


def _artifact(each: HeldArtifact) -> tuple[Any, ...]:
    content_hash = each.content_hash
    if content_hash is None and each.version is not None:
        # A version is of a content: of one that nobody has seen, always of the same.
        stable = f"{each.id}@{each.version}"
        content_hash = hashlib.sha256(stable.encode()).hexdigest()
    return (
        each.id,
        each.type,
        each.name,
        each.title,
        each.description,
        each.author,
        each.license,
        each.source,
        each.origin,
        Jsonb(each.metadata),
        each.added_at,
        each.updated_at,
        each.version,
        content_hash,
        each.content_hash is None,
    )


def _rows(conn: Conn, table: Table, rows: Sequence[tuple[Any, bool]]) -> None:
    conn.execute(table.create())
    _copy(
        conn,
        f"adopted_{table.name}",
        ("id", *table.columns, "created_at", "updated_at", "wins"),
        (
            (
                row.id,
                *(_value(getattr(row, column)) for column in table.columns),
                row.created_at,
                row.updated_at,
                wins,
            )
            for row, wins in rows
        ),
    )


def _value(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _copy(
    conn: Conn, table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> None:
    statement = sql.SQL("copy pg_temp.{} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
