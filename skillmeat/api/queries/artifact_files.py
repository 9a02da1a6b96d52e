"""The file of an artifact as JSON: the text that an import kept of its newest version."""

from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL

from skillmeat.database.query import Conn, fetch_one_or_none

# The version names its file relative to the source. A version of another origin has the usual name.
FILE: Final = SQL(
    """
    from artifacts as s
    left join lateral (
        select
            h.content,
            coalesce(
                nullif(regexp_replace(h.metadata ->> 'path', '^.*/', ''), ''),
                case
                    when s.type = 'skill' then 'SKILL.md'
                    else regexp_replace(s.name, '^.*/', '') || '.md'
                end
            ) as name
        from artifact_history as h
        where h.artifact_id = s.id
        order by h.created_at desc, h.version_id desc
        limit 1
    ) as f on f.content is not null
    where s.id = %(id)s
    """
)
OWNER: Final = SQL(
    """
    'artifact_id', s.id,
    'artifact_name', s.name,
    'artifact_type', s.type,
    'collection_name', coalesce(%(collection)s::text, 'default')
    """
)
LIST: Final = SQL(
    """
    select
        convert_to(
            json_build_object(
                {owner},
                'files', case
                    when f.name is null then '[]'::json
                    else json_build_array(json_build_object(
                        'name', f.name,
                        'path', f.name,
                        'type', 'file',
                        'size', octet_length(f.content),
                        'children', null
                    ))
                end
            )::text,
            'UTF8'
        ) as document
    {file}
    """
).format(owner=OWNER, file=FILE)
READ: Final = SQL(
    """
    select
        case when f.name = %(path)s then convert_to(
            json_build_object(
                {owner},
                'path', f.name,
                'content', f.content,
                'size', octet_length(f.content),
                'mime_type', case
                    when f.name ~* '\\.(md|markdown)$' then 'text/markdown'
                    when f.name ~* '\\.json$' then 'application/json'
                    else 'text/plain'
                end
            )::text,
            'UTF8'
        ) end as document
    {file}
    """
).format(owner=OWNER, file=FILE)


@dataclass(frozen=True, slots=True)
class FileDocument:
    """A JSON document in UTF-8, or None if the artifact has no such file."""

    document: bytes | None


def list_artifact_files(
    conn: Conn,
    id: str,  # noqa: A002
    *,
    collection: str | None = None,
) -> FileDocument | None:
    """Read the list of an artifact's files; return None if the artifact does not exist."""
    return fetch_one_or_none(conn, FileDocument, LIST, {"id": id, "collection": collection})


def get_artifact_file(
    conn: Conn,
    id: str,  # noqa: A002
    *,
    path: str,
    collection: str | None = None,
) -> FileDocument | None:
    """Read a file of an artifact; return None if the artifact does not exist."""
    values = {"id": id, "path": path, "collection": collection}
    return fetch_one_or_none(conn, FileDocument, READ, values)
