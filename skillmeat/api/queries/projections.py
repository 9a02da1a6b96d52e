"""The projections: the select list that becomes the JSON object of each kind of item.

Times are UTC in ISO 8601, without an offset, and with microseconds unless they are zero.
"""

from typing import Final, NamedTuple

from psycopg.rows import args_row
from psycopg.sql import SQL, Composable, Composed, Identifier

from skillmeat.catalogue.artifact_metadata import TOOLS, UUID, select_list, select_texts
from skillmeat.errors import translate_errors
from skillmeat.query import Conn, Parameters

NAME_CONTAINS: Final = SQL('strpos(lower(s.name collate "default"), lower(%(search)s::text)) > 0')


class JsonItem(NamedTuple):
    """A row as a JSON object in UTF-8, and its `updated_at` in the format of the object."""

    updated_at: str
    document: bytes


def build_read(view: str, item: Composable) -> bytes:
    """Build the statement of `read_item`: one row of `view`, by id, as its JSON object."""
    return (
        SQL(
            """
            select {}, convert_to(row_to_json(item)::text, 'UTF8')
            from {} as s
            cross join lateral (select {}) as item
            where s.id = %(id)s
            """
        )
        .format(select_time("s", "updated_at"), Identifier(view), item)
        .as_bytes()
    )


def read_item(conn: Conn, statement: bytes, parameters: Parameters) -> JsonItem | None:
    """Run a statement of `build_read`, which is prepared at its first use."""
    with translate_errors(), conn.cursor(row_factory=args_row(JsonItem)) as cursor:
        return cursor.execute(statement, parameters, prepare=True, binary=True).fetchone()


def select_time(table: str, column: str) -> Composed:
    """Select a time in this format; `to_char` would cost as much as the rest of the item."""
    return SQL(
        """(
            select case when length(t.iso) = 19 then t.iso else rpad(t.iso, 26, '0') end
            from (select to_jsonb({} at time zone 'UTC') #>> '{{}}' as iso offset 0) as t
        )"""
    ).format(Identifier(table, column))


ARTIFACT: Final = SQL(
    """
    s.id,
    {uuid} as uuid,
    s.name,
    s.type,
    coalesce(s.source, 'local') as source,
    coalesce(s.origin, 'local') as origin,
    s.metadata ->> 'origin_source' as origin_source,
    coalesce(s.metadata ->> 'version_spec', 'unknown') as version,
    {aliases} as aliases,
    s.tags,
    nullif({target_platforms}, '[]') as target_platforms,
    json_build_object(
        'title', s.title,
        'description', s.description,
        'author', s.author,
        'license', s.license,
        'version', s.version,
        'tags', s.tags,
        'dependencies', {dependencies},
        'tools', {tools},
        'linked_artifacts', {linked_artifacts},
        'unlinked_references', {unlinked_references}
    ) as metadata,
    null as upstream,
    null as deployment_stats,
    null as deployments,
    s.collections,
    {added} as added,
    {updated} as updated,
    null as import_id,
    null as owner_id,
    null as owner_type,
    null as visibility,
    null as workflow_id
    """
).format(
    uuid=UUID,
    aliases=select_texts("aliases"),
    target_platforms=select_texts("target_platforms"),
    dependencies=select_texts("dependencies"),
    tools=TOOLS,
    linked_artifacts=select_list("linked_artifacts"),
    unlinked_references=select_list("unlinked_references"),
    added=select_time("s", "added_at"),
    updated=select_time("s", "updated_at"),
)

_COLLECTION_ARTIFACT: Final = SQL(
    """
    s.id,
    s.name,
    s.type,
    s.version,
    coalesce(s.source, s.id) as source,
    s.description,
    s.author,
    s.tags,
    nullif({tools}, '[]') as tools,
    coalesce(s.origin, 'local') as origin,
    s.metadata ->> 'origin_source' as origin_source,
    s.collections,
    {groups} as groups,
    null as deployments
    """
)
_GROUPS: Final = SQL(
    """
    (
        select coalesce(json_agg(row_to_json(place)), '[]')
        from (
            select g.id, g.name, p.position
            from group_artifacts as p
            inner join group_summaries as g on g.id = p.group_id
            where p.collection_id = %(collection)s and p.artifact_id = s.id
            order by g.position, g.id
        ) as place
    )
    """
)
COLLECTION_ARTIFACT: Final = _COLLECTION_ARTIFACT.format(tools=TOOLS, groups=SQL("null"))
COLLECTION_ARTIFACT_WITH_GROUPS: Final = _COLLECTION_ARTIFACT.format(tools=TOOLS, groups=_GROUPS)

TIMES: Final = SQL("{} as created_at, {} as updated_at").format(
    select_time("s", "created_at"), select_time("s", "updated_at")
)
COLLECTION: Final = SQL(
    """
    s.id,
    s.name,
    s.description,
    s.created_by,
    s.collection_type,
    s.context_category,
    {times},
    s.group_count,
    s.artifact_count
    """
).format(times=TIMES)

GROUP: Final = SQL(
    """
    s.id,
    s.collection_id,
    s.name,
    s.description,
    s.tags,
    s.color,
    s.icon,
    s.position,
    {times},
    s.artifact_count
    """
).format(times=TIMES)

TAG: Final = SQL(
    """
    s.id,
    s.name,
    s.slug,
    s.color,
    {times},
    s.artifact_count
    """
).format(times=TIMES)
