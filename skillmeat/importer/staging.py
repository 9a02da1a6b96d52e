"""Copies what was read into temporary tables, from where one statement a table puts it in place."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from psycopg import sql
from psycopg.types.json import Jsonb

from skillmeat.catalogue.bulk import NewArtifact, stage_artifacts
from skillmeat.catalogue.slugs import slugify
from skillmeat.importer.readers import FoundArtifact, MergedSources, Source
from skillmeat.importer.readers.tags import deduplicate_tags
from skillmeat.query import Conn

DEFAULT: Final = (
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

    -- The contents of each artifact, the one that is to be its latest at the last place.
    create temporary table incoming_versions (
        artifact_id text collate "C",
        place bigint generated always as identity,
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

ANALYZE: Final = """
    analyze pg_temp.incoming_artifacts, pg_temp.incoming_collections,
        pg_temp.incoming_memberships, pg_temp.incoming_versions, pg_temp.incoming_tags,
        pg_temp.incoming_artifact_tags
"""

DROP: Final = """
    drop table pg_temp.incoming_artifacts, pg_temp.incoming_collections,
        pg_temp.incoming_memberships, pg_temp.incoming_versions, pg_temp.incoming_tags,
        pg_temp.incoming_artifact_tags
"""


def stage(
    conn: Conn, sources: Sequence[Source], catalogue: MergedSources, *, join_default: bool
) -> None:
    """Fill the temporary tables; `DROP` removes them, and so does the end of the transaction."""
    # By identity: two sources may hold the same file at the same path.
    homes = {id(artifact): source.name for source in sources for artifact in _artifacts(source)}
    owners: dict[str, str | None] = {}
    for source in sorted(sources, key=lambda source: (source.name, source.root)):
        for found in source.collections:
            owners.setdefault(found.id, source.name)
    # `default` is nobody's, even where a plugin bears its name.
    owners[DEFAULT[0]] = None

    def home(artifact: FoundArtifact) -> str:
        return homes[id(artifact)]

    stage_artifacts(
        conn,
        (
            NewArtifact(
                type=entry.latest.type,
                name=entry.latest.name,
                title=entry.latest.title,
                description=entry.latest.description,
                author=entry.latest.author,
                license=entry.latest.license,
                source=prefix(home(entry.latest)) + entry.latest.path,
                origin=entry.latest.origin,
                metadata=dict(entry.latest.metadata),
            )
            for entry in catalogue.artifacts
        ),
    )
    conn.execute(CREATE)

    collections: dict[str, tuple[str, str, str | None, str | None]] = {
        each.id: (each.id, each.name, each.description, owners[each.id])
        for each in catalogue.collections
    }
    memberships = {
        (collection_id, entry.id)
        for entry in catalogue.artifacts
        for collection_id in entry.collections
    }
    if join_default:
        collections.setdefault(DEFAULT[0], DEFAULT)
        memberships |= {(DEFAULT[0], entry.id) for entry in catalogue.artifacts}

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
                entry.id,
                content is entry.latest,
                content.content_hash,
                content.version,
                Jsonb({"source": home(content), "path": content.path}),
            )
            for entry in catalogue.artifacts
            for content in (*entry.other_contents, entry.latest)
        ),
    )
    tags = deduplicate_tags({tag for entry in catalogue.artifacts for tag in entry.tags})
    copy_rows(conn, "incoming_tags", ("slug", "name"), ((slugify(tag), tag) for tag in tags))
    copy_rows(
        conn,
        "incoming_artifact_tags",
        ("artifact_id", "slug"),
        ((entry.id, slugify(tag)) for entry in catalogue.artifacts for tag in entry.tags),
    )
    conn.execute(ANALYZE)


def prefix(source: str) -> str:
    """What `artifacts.source` begins with for all that a source brought, and for nothing else."""
    return source.replace("/", "%2F") + "/"


def _artifacts(source: Source) -> Iterable[FoundArtifact]:
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
