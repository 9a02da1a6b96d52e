"""The text of an artifact's version, as the import kept it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.sql import SQL

from skillmeat.database.query import Conn, fetch_one_or_none

# A version is named by its number or by its hash, of which 8 characters are enough.
SHORTEST_HASH: Final = 8

# The rows `s` (an artifact) and `h` (its version, or nulls).
SOURCE: Final = SQL(
    """
    from artifacts as s
    left join lateral (
        select *
        from artifact_history as v
        where
            v.artifact_id = s.id
            and (
                %(version)s::text is null
                or v.version = %(version)s
                or (
                    starts_with(v.content_hash, %(version)s)
                    and char_length(%(version)s) >= {shortest}
                )
            )
        order by v.created_at desc, v.version_id desc
        limit 1
    ) as h on true
    where s.id = %(id)s
    """
).format(shortest=SHORTEST_HASH)
READ: Final = SQL(
    """
    select s.id as artifact_id, h.content_hash, h.version, h.created_at, h.content
    {}
    """
).format(SOURCE)


@dataclass(frozen=True, slots=True)
class ArtifactContent:
    """A version of an artifact with its text.

    `content_hash` and `created_at` are None if the artifact has no such version. `content` is None
    if no text of the version is kept.
    """

    artifact_id: str
    content_hash: str | None
    version: str | None
    created_at: datetime | None
    content: str | None


def get_content(
    conn: Conn,
    artifact_id: str,
    *,
    version: str | None = None,
) -> ArtifactContent | None:
    """Read the text of an artifact's newest version, or None for an unknown artifact.

    `version` is a version number, a content hash or the first 8 or more characters of one; of
    several such versions, the newest is read.
    """
    return fetch_one_or_none(conn, ArtifactContent, READ, {"id": artifact_id, "version": version})
