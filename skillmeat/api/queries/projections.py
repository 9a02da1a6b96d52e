"""One item of each list, as SkillMeat's clients know it: a select list that becomes an object.

A time is UTC without saying so, in ISO 8601, with microseconds where there are any.
"""

from typing import Final

from psycopg.sql import SQL, Composed, Identifier, Literal

from skillmeat.catalogue._rows import UUID


def time(table: str, column: str) -> Composed:
    """A time as the clients read it; to_char would cost as much as all else of an item."""
    return SQL(
        """(
            select case when length(t.iso) = 19 then t.iso else rpad(t.iso, 26, '0') end
            from (select to_jsonb({} at time zone 'UTC') #>> '{{}}' as iso offset 0) as t
        )"""
    ).format(Identifier(table, column))


def _texts(key: str) -> Composed:
    # A text that stands alone is taken for a list of one; what is no text is left out.
    path = f'$."{key}"[*] ? (@.type() == "string")'
    return SQL("jsonb_path_query_array(s.metadata, {})").format(Literal(path))


def _list(key: str) -> Composed:
    return SQL(
        "case when jsonb_typeof(s.metadata -> {key}) = 'array' then s.metadata -> {key}"
        " else '[]' end"
    ).format(key=Literal(key))


# Of an agent they are under one name, of a skill or a command under the other; as a list, or as one
# text with commas.
_ONE_TEXT: Final = SQL(
    "coalesce(nullif(s.metadata ->> 'tools', ''), s.metadata ->> 'allowed-tools')"
)
TOOLS: Final = SQL(
    """
    case
        when 'array' in (
            jsonb_typeof(s.metadata -> 'tools'), jsonb_typeof(s.metadata -> 'allowed-tools')
        ) then {several}
        when {one} <> '' then to_jsonb(
            array_remove(regexp_split_to_array({one}, '^\\s+|\\s*,\\s*|\\s+$'), '')
        )
        else '[]'
    end
    """
).format(
    several=SQL("{} || {}").format(_texts("tools"), _texts("allowed-tools")),
    one=_ONE_TEXT,
)

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
    aliases=_texts("aliases"),
    target_platforms=_texts("target_platforms"),
    dependencies=_texts("dependencies"),
    tools=TOOLS,
    linked_artifacts=_list("linked_artifacts"),
    unlinked_references=_list("unlinked_references"),
    added=time("s", "added_at"),
    updated=time("s", "updated_at"),
)

_MEMBER: Final = SQL(
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
MEMBER: Final = _MEMBER.format(tools=TOOLS, groups=SQL("null"))
MEMBER_WITH_GROUPS: Final = _MEMBER.format(tools=TOOLS, groups=_GROUPS)

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
).format(created=time("s", "created_at"), updated=time("s", "updated_at"))

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
).format(created=time("s", "created_at"), updated=time("s", "updated_at"))

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
).format(created=time("s", "created_at"), updated=time("s", "updated_at"))
