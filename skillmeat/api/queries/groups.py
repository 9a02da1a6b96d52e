"""Groups as JSON: one group with its artifacts, or all groups of a collection."""

from typing import Final

from psycopg.sql import SQL

from skillmeat.api.queries.projections import (
    GROUP,
    NAME_CONTAINS,
    JsonItem,
    as_object,
    build_read,
    read_item,
)
from skillmeat.catalogue.artifact_metadata import UUID
from skillmeat.catalogue.time_format import select_time
from skillmeat.database.query import Conn, fetch_bytes

WITH_ARTIFACTS: Final = SQL(
    """
    {group},
    (
        select coalesce(json_agg(row_to_json(place)), '[]')
        from (
            select
                {uuid} as artifact_uuid,
                p.artifact_id,
                p.position,
                {added} as added_at
            from group_artifacts as p
            inner join artifacts as s on s.id = p.artifact_id
            where p.group_id = %(id)s
            order by p.position, p.artifact_id
        ) as place
    ) as artifacts
    """
).format(group=GROUP, uuid=UUID, added=select_time("p.added_at"))
READ_ALONE: Final = build_read("group_summaries", as_object(GROUP))
READ_WITH_ARTIFACTS: Final = build_read("group_summaries", as_object(WITH_ARTIFACTS))


def get_group(conn: Conn, id: str, *, with_artifacts: bool = False) -> JsonItem | None:  # noqa: A002
    """Read one group, or None; add its artifacts by position if `with_artifacts`."""
    return read_item(conn, READ_WITH_ARTIFACTS if with_artifacts else READ_ALONE, {"id": id})


LIST: Final = SQL(
    """
    select
        convert_to(
            json_build_object(
                'groups', coalesce(
                    (
                        select json_agg(row_to_json(item) order by s.position, s.id)
                        from group_summaries as s
                        cross join lateral (select {item}) as item
                        where s.collection_id = c.id and {conditions}
                    ),
                    '[]'
                ),
                'total', (
                    select count(*)
                    from group_summaries as s
                    where s.collection_id = c.id and {conditions}
                )
            )::text,
            'UTF8'
        )
    from collection_summaries as c
    where c.id = %(collection)s
    """
).format(
    item=GROUP,
    conditions=SQL(
        """
        (%(search)s::text is null or {name_contains})
        and (
            %(artifact)s::text is null
            or exists (
                select
                from group_artifacts as p
                where p.group_id = s.id and p.artifact_id = %(artifact)s::text
            )
        )
        """
    ).format(name_contains=NAME_CONTAINS),
)


def list_groups(
    conn: Conn, collection: str, *, search: str | None = None, artifact: str | None = None
) -> bytes | None:
    """Read the groups of a collection by position; return None for an unknown collection.

    `search` is a part of the name, in upper or lower case. `artifact` is the id of an artifact that
    must be in the group.
    """
    values = {"collection": collection, "search": search, "artifact": artifact}
    return fetch_bytes(conn, LIST, values)


OF_ARTIFACT: Final = SQL(
    """
    select
        convert_to(
            json_build_object(
                'groups', coalesce(
                    json_agg(row_to_json(g.item) order by g.collection_id, g.position, g.id)
                    filter (where g.id is not null),
                    '[]'
                ),
                'total', count(g.id)
            )::text,
            'UTF8'
        )
    from artifacts as a
    left join lateral (
        select s.id, s.collection_id, s.position, item
        from collection_artifacts as m
        inner join group_artifacts as p
            on p.collection_id = m.collection_id and p.artifact_id = m.artifact_id
        inner join group_summaries as s on s.id = p.group_id
        cross join lateral (select {}) as item
        where m.artifact_id = a.id
    ) as g on true
    where a.id = %(id)s
    group by a.id
    """
).format(GROUP)


def list_artifact_groups(conn: Conn, id: str) -> bytes | None:  # noqa: A002
    """Read the groups that an artifact is in, of all collections; None for an unknown artifact."""
    return fetch_bytes(conn, OF_ARTIFACT, {"id": id})
