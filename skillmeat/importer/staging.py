"""The temporary tables of an import: one statement for each catalogue table reads them."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from psycopg import sql
from psycopg.types.json import Jsonb

from skillmeat.catalogue import NewArtifact, slugify, stage_artifacts
from skillmeat.importer.readers import FoundArtifact, MergedSources, Source
from skillmeat.importer.readers.text import deduplicate_tags
from skillmeat.query import Conn

DEFAULT_COLLECTION: Final = (
    "default",
    "Default Collection",
    "Every artifact that was imported, whatever other collections it is in.",
    None,
)

CREATE: Final = """
    create temporary table incoming_collections (
        id text collate "C" primary key,
        name text collate "C",
        description text,
        source text
    )
    on commit drop;

    create temporary table incoming_memberships (
        collection_id text collate "C",
        artifact_id text collate "C",
        primary key (collection_id, artifact_id)
    )
    on commit drop;

    -- One row for each content of an artifact; the latest content has the last ordinal.
    create temporary table incoming_versions (
        artifact_id text collate "C",
        ordinal bigint generated always as identity,
        is_latest boolean,
        content_hash text,
        version text,
        metadata jsonb
    )
    on commit drop;

    create temporary table incoming_tags (
        slug text collate "C" primary key,
        name text collate "C"
    )
    on commit drop;

    create temporary table incoming_artifact_tags (
        artifact_id text collate "C",
        slug text collate "C"
    )
    on commit drop;
"""

_TABLES: Final = """
    pg_temp.incoming_artifacts, pg_temp.incoming_collections,
    pg_temp.incoming_memberships, pg_temp.incoming_versions, pg_temp.incoming_tags,
    pg_temp.incoming_artifact_tags
"""
ANALYZE: Final = f"analyze {_TABLES}"
DROP: Final = f"drop table {_TABLES}"


def stage_sources(
    conn: Conn, sources: Sequence[Source], merged: MergedSources, *, join_default: bool
) -> None:
    """Create and fill the temporary tables; `DROP` or the end of the transaction removes them."""
    # The key is the object's identity, because two sources may hold equal files at equal paths.
    source_names = {
        id(artifact): source.name for source in sources for artifact in _list_artifacts(source)
    }
    owners: dict[str, str | None] = {}
    for source in sorted(sources, key=lambda source: (source.name, source.root)):
        for collection in source.collections:
            owners.setdefault(collection.id, source.name)
    # `default` belongs to no source, even if a plugin has that name.
    owners[DEFAULT_COLLECTION[0]] = None

    def get_source(artifact: FoundArtifact) -> str:
        return source_names[id(artifact)]

    stage_artifacts(
        conn,
        (
            NewArtifact(
                type=artifact.latest.type,
                name=artifact.latest.name,
                title=artifact.latest.title,
                description=artifact.latest.description,
                author=artifact.latest.author,
                license=artifact.latest.license,
                source=make_prefix(get_source(artifact.latest)) + artifact.latest.path,
                origin=artifact.latest.origin,
                metadata=dict(artifact.latest.metadata),
            )
            for artifact in merged.artifacts
        ),
    )
    conn.execute(CREATE)

    collections: dict[str, tuple[str, str, str | None, str | None]] = {
        each.id: (each.id, each.name, each.description, owners[each.id])
        for each in merged.collections
    }
    memberships = {
        (collection_id, artifact.id)
        for artifact in merged.artifacts
        for collection_id in artifact.collections
    }
    if join_default:
        collections.setdefault(DEFAULT_COLLECTION[0], DEFAULT_COLLECTION)
        memberships |= {(DEFAULT_COLLECTION[0], artifact.id) for artifact in merged.artifacts}

    copy_rows(
        conn, "incoming_collections", ("id", "name", "description", "source"), collections.values()
    )
    copy_rows(conn, "incoming_memberships", ("collection_id", "artifact_id"), sorted(memberships))
    copy_rows(
        conn,
        "incoming_versions",
        ("artifact_id", "is_latest", "content_hash", "version", "metadata"),
        (
            (
                artifact.id,
                content is artifact.latest,
                content.content_hash,
                content.version,
                Jsonb({"source": get_source(content), "path": content.path}),
            )
            for artifact in merged.artifacts
            for content in (*artifact.other_contents, artifact.latest)
        ),
    )
    tags = deduplicate_tags({tag for artifact in merged.artifacts for tag in artifact.tags})
    copy_rows(conn, "incoming_tags", ("slug", "name"), ((slugify(tag), tag) for tag in tags))
    copy_rows(
        conn,
        "incoming_artifact_tags",
        ("artifact_id", "slug"),
        ((artifact.id, slugify(tag)) for artifact in merged.artifacts for tag in artifact.tags),
    )
    conn.execute(ANALYZE)


def make_prefix(source: str) -> str:
    """Return the prefix of `artifacts.source` that only the artifacts of `source` have."""
    return source.replace("/", "%2F") + "/"


def _list_artifacts(source: Source) -> Iterable[FoundArtifact]:
    yield from source.artifacts
    for collection in source.collections:
        yield from collection.artifacts


def copy_rows(
    conn: Conn, table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Copy rows to a temporary table."""
    statement = sql.SQL("copy pg_temp.{} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
