"""The projections: for each kind of item, the select list that becomes its JSON object.

A time is UTC without an offset, in ISO 8601, with microseconds where there are any.
"""

from typing import Final

from psycopg.sql import SQL, Composed, Identifier

from skillmeat.catalogue.artifact_metadata import TOOLS, UUID, select_list, select_texts


def select_time(table: str, column: str) -> Composed:
    """Return a time in that format; `to_char` would cost as much as the rest of the item."""
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
            inner join groups as g on g.id = p.group_id
            where p.collection_id = %(collection)s and p.artifact_id = s.id
            order by g.position, g.id
        ) as place
    )
    """
)
COLLECTION_ARTIFACT: Final = _COLLECTION_ARTIFACT.format(tools=TOOLS, groups=SQL("null"))
COLLECTION_ARTIFACT_WITH_GROUPS: Final = _COLLECTION_ARTIFACT.format(tools=TOOLS, groups=_GROUPS)

COLLECTION: Final = SQL(
    """
    s.id,
    s.name,
    s.description,
    s.created_by,
    s.collection_type,
    s.context_category,
    {created} as created_at,
    {updated} as updated_at,
    s.group_count,
    s.artifact_count
    """
).format(created=select_time("s", "created_at"), updated=select_time("s", "updated_at"))

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
    {created} as created_at,
    {updated} as updated_at,
    s.artifact_count
    """
).format(created=select_time("s", "created_at"), updated=select_time("s", "updated_at"))

TAG: Final = SQL(
    """
    s.id,
    s.name,
    s.slug,
    s.color,
    {created} as created_at,
    {updated} as updated_at,
    s.artifact_count
    """
).format(created=select_time("s", "created_at"), updated=select_time("s", "updated_at"))
