"""The temporary tables of an import, filled while the files are read.

The statements of the import compare them with the catalogue. They hold every copy of an artifact,
so the import holds none in memory.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from psycopg import sql
from psycopg.types.json import Jsonb

from skillmeat.catalogue.slugs import slugify
from skillmeat.database.query import Conn
from skillmeat.importer.readers import FoundCopy, Problem, Source
from skillmeat.importer.version_order import rank_version

CREATE: Final = """
    -- The sources of this import, and then all others. `source_key` is the number of a source of
    -- this import, else its id.
    create temporary table known_sources (
        source_key text collate "C" primary key,
        source_id text collate "C",
        name text collate "C",
        root text collate "C",
        is_staged boolean
    )
    on commit drop;

    create temporary table incoming_plugins (
        source_key text collate "C",
        plugin text collate "C",
        name text collate "C",
        description text,
        primary key (source_key, plugin)
    )
    on commit drop;

    -- The copies that were read, and then the recorded copies of other sources.
    create temporary table incoming_copies (
        copy_number bigint generated always as identity,
        is_staged boolean not null default true,
        source_key text collate "C",
        plugin text collate "C",
        artifact_id text collate "C" generated always as (type || ':' || name) stored,
        type text collate "C",
        name text collate "C",
        path text collate "C",
        content_hash text collate "C",
        version text,
        version_rank bytea,
        title text,
        description text,
        author text,
        license text,
        origin text,
        metadata jsonb,
        tags jsonb,
        has_content boolean not null default false
    )
    on commit drop;

    -- A text may be there twice, and the catalogue may have it already.
    create temporary table incoming_contents (
        content_hash text collate "C",
        content text
    )
    on commit drop;

    -- What a problem may hide: one copy, all of a plugin, or all of a source.
    create temporary table hidden_copies (
        source_key text collate "C",
        plugin text collate "C",
        artifact_id text collate "C"
    )
    on commit drop;
"""

_COPY_COLUMNS: Final = (
    *("source_key", "plugin", "type", "name", "path", "content_hash", "version", "version_rank"),
    *("title", "description", "author", "license", "origin", "metadata", "tags", "has_content"),
)
# One COPY stays shorter than a usual statement_timeout, although files are read meanwhile.
_BATCH: Final = 5_000
# A batch ends sooner if it holds this many characters of text.
_MOST_CHARACTERS: Final = 1 << 24

KNOWN_CONTENTS: Final = """
    select c.content_hash from artifact_contents as c where c.content_hash = any (%(hashes)s)
"""


def stage_source(conn: Conn, source: Source, *, key: str, has_content: bool = True) -> None:
    """Read the files of a source, and copy what it holds to the temporary tables.

    With `has_content`, copy the texts that the catalogue does not have.
    """
    for batch in _split_batches(source.copies):
        rows = (_build_row(key, copy, has_content=has_content) for copy in batch)
        copy_rows(conn, "incoming_copies", _COPY_COLUMNS, rows)
        if has_content:
            _stage_contents(conn, batch)
    copy_rows(
        conn,
        "incoming_plugins",
        ("source_key", "plugin", "name", "description"),
        ((key, each.id, each.name, each.description) for each in source.collections),
    )
    copy_rows(
        conn,
        "hidden_copies",
        ("source_key", "plugin", "artifact_id"),
        ((key, *hidden) for hidden in _list_hidden(source.problems)),
    )


def _split_batches(copies: Iterable[FoundCopy]) -> Iterator[list[FoundCopy]]:
    batch: list[FoundCopy] = []
    characters = 0
    for copy in copies:
        batch.append(copy)
        characters += len(copy.artifact.content or "")
        if len(batch) == _BATCH or characters > _MOST_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _stage_contents(conn: Conn, batch: Iterable[FoundCopy]) -> None:
    contents = {
        each.artifact.content_hash: each.artifact.content
        for each in batch
        if each.artifact.content is not None
    }
    for (known,) in conn.execute(KNOWN_CONTENTS, {"hashes": list(contents)}):
        del contents[known]
    copy_rows(conn, "incoming_contents", ("content_hash", "content"), contents.items())


def _build_row(key: str, copy: FoundCopy, *, has_content: bool) -> tuple[Any, ...]:
    artifact = copy.artifact
    return (
        key,
        copy.collection_id or "",
        artifact.type,
        artifact.name,
        artifact.path,
        artifact.content_hash,
        artifact.version,
        rank_version(artifact.version),
        artifact.title,
        artifact.description,
        artifact.author,
        artifact.license,
        artifact.origin,
        Jsonb(artifact.metadata),
        Jsonb({slugify(tag): tag for tag in artifact.tags}),
        has_content and artifact.content is not None,
    )


def _list_hidden(problems: Iterable[Problem]) -> Iterator[tuple[str | None, str | None]]:
    for problem in problems:
        if problem.hides_artifacts:
            yield problem.collection_id, None
        if problem.is_skipped and problem.artifact_id:
            yield problem.collection_id or "", problem.artifact_id


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
