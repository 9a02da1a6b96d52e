"""The parts of one artifact as JSON: its tags, its versions as a timeline, its links."""

from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL, Composable, Composed

from skillmeat.api.queries.projections import TAG
from skillmeat.catalogue.artifact_metadata import select_list
from skillmeat.catalogue.contents import SOURCE
from skillmeat.catalogue.time_format import select_time
from skillmeat.database.query import Conn, fetch_bytes, fetch_one_or_none


def _build_read(document: Composable) -> Composed:
    return SQL(
        """
        select convert_to(({})::text, 'UTF8')
        from artifacts as s
        where s.id = %(id)s
        """
    ).format(document)


TAGS: Final = _build_read(
    SQL(
        """
        select coalesce(json_agg(row_to_json(item) order by t.name), '[]')
        from artifact_tags as x
        inner join tag_summaries as t on t.id = x.tag_id
        cross join lateral (select {tag} from (select t.*) as s) as item
        where x.artifact_id = s.id
        """
    ).format(tag=TAG)
)


def get_artifact_tags(conn: Conn, id: str) -> bytes | None:  # noqa: A002
    """Read the tags of an artifact by name; return None if the artifact does not exist."""
    return fetch_bytes(conn, TAGS, {"id": id})


HISTORY: Final = _build_read(
    SQL(
        """
        select
            json_build_object(
                'artifact_name', s.name,
                'artifact_type', s.type,
                'timeline', coalesce(
                    json_agg(row_to_json(event) order by e.created_at desc, e.version_id desc), '[]'
                ),
                'statistics', json_build_object(
                    'total_events', count(*),
                    'version_events', count(*),
                    'analytics_events', 0,
                    'deployment_events', 0,
                    'snapshot_events', 0,
                    'lineage_depth_max', 0,
                    'unique_projects', 0,
                    'unique_collections', 0
                ),
                'last_updated', {updated}
            )
        from (
            select
                v.version_id,
                v.content_hash,
                v.version,
                v.change_origin,
                v.created_at,
                v.metadata,
                lead(v.content_hash) over (
                    order by v.created_at desc, v.version_id desc
                ) as parent_hash
            from artifact_history as v
            where v.artifact_id = s.id
            order by v.created_at desc, v.version_id desc
            limit %(limit)s
        ) as e
        cross join lateral (
            select
                'version:' || e.version_id as id,
                {created} as timestamp,
                'version' as event_category,
                coalesce(e.change_origin, 'version') as event_type,
                'artifact_versions' as source,
                s.name as artifact_name,
                s.type as artifact_type,
                null as collection_name,
                null as project_path,
                e.content_hash as content_sha,
                e.parent_hash as parent_sha,
                e.version,
                null as version_lineage,
                e.metadata
        ) as event
        """
    ).format(updated=select_time("s.updated_at"), created=select_time("e.created_at"))
)


def get_artifact_history(conn: Conn, id: str, *, limit: int) -> bytes | None:  # noqa: A002
    """Read the newest versions of an artifact as a timeline; return None if it does not exist."""
    return fetch_bytes(conn, HISTORY, {"id": id, "limit": limit})


CONTENT: Final = SQL(
    """
    select
        h.artifact_id is not null as has_version,
        case
            when h.content is not null then convert_to(
                json_build_object(
                    'artifact_id', s.id,
                    'content_hash', h.content_hash,
                    'version', h.version,
                    'created_at', {created},
                    'content', h.content
                )::text,
                'UTF8'
            )
        end as document
    {source}
    """
).format(created=select_time("h.created_at"), source=SOURCE)


@dataclass(frozen=True, slots=True)
class Content:
    """The text of a version as a JSON document in UTF-8, or None if no text of it is kept."""

    has_version: bool
    document: bytes | None


def get_artifact_content(conn: Conn, id: str, *, version: str | None) -> Content | None:  # noqa: A002
    """Read the text of an artifact's version, the newest by default; None if there is no artifact.

    `version` is as for `skillmeat.catalogue.get_content`.
    """
    return fetch_one_or_none(conn, Content, CONTENT, {"id": id, "version": version})


LINKS: Final = _build_read(
    SQL(
        """
        select
            json_build_object(
                'artifact_id', s.id,
                'linked_artifacts', {linked},
                'unlinked_references', {unlinked}
            )
        """
    ).format(linked=select_list("linked_artifacts"), unlinked=select_list("unlinked_references"))
)


def get_linked_artifacts(conn: Conn, id: str) -> bytes | None:  # noqa: A002
    """Read the links in the metadata of an artifact; return None if it does not exist."""
    return fetch_bytes(conn, LINKS, {"id": id})
