"""The idempotent statements for artifacts, tags, memberships and groups."""

from typing import Final

ADD_TYPES: Final = """
    insert into artifact_types (type)
    select distinct i.type
    from pg_temp.skillmeat_artifacts as i
    where not exists (select from artifact_types as t where t.type = i.type)
    order by i.type
    on conflict do nothing
    returning type
"""

# Compute the new columns of the artifacts that change. The newer row takes precedence, and the
# older row fills its nulls. The earlier `added_at` stays.
FIND_CHANGED_ARTIFACTS: Final = """
    create temporary table changed_artifacts
    on commit drop
    as
    select w.*
    from pg_temp.skillmeat_artifacts as i
    inner join artifacts as a on a.id = i.id
    cross join lateral (select coalesce(i.updated_at >= a.updated_at, false) as is_newer) as t
    cross join lateral (
        select
            a.id,
            case when t.is_newer then coalesce(i.title, a.title)
            else coalesce(a.title, i.title) end as title,
            case when t.is_newer then coalesce(i.description, a.description)
            else coalesce(a.description, i.description) end as description,
            case when t.is_newer then coalesce(i.author, a.author)
            else coalesce(a.author, i.author) end as author,
            case when t.is_newer then coalesce(i.license, a.license)
            else coalesce(a.license, i.license) end as license,
            case when t.is_newer then coalesce(i.source, a.source)
            else coalesce(a.source, i.source) end as source,
            case when t.is_newer then coalesce(i.origin, a.origin)
            else coalesce(a.origin, i.origin) end as origin,
            case when t.is_newer then a.metadata || i.metadata
            else i.metadata || a.metadata end as metadata,
            least(a.added_at, i.added_at) as added_at,
            case when t.is_newer then i.updated_at else a.updated_at end as updated_at
    ) as w
    where
        (
            a.title, a.description, a.author, a.license, a.source, a.origin, a.metadata,
            a.added_at, a.updated_at
        ) is distinct from (
            w.title, w.description, w.author, w.license, w.source, w.origin, w.metadata,
            w.added_at, w.updated_at
        )
"""

ADD_ARTIFACTS: Final = """
    insert into artifacts (
        type, name, title, description, author, license, source, origin, metadata, added_at,
        updated_at
    )
    select
        i.type, i.name, i.title, i.description, i.author, i.license, i.source, i.origin,
        i.metadata, coalesce(i.added_at, now()), coalesce(i.updated_at, i.added_at, now())
    from pg_temp.skillmeat_artifacts as i
    where not exists (select from artifacts as a where a.id = i.id)
    order by i.id
"""

UPDATE_ARTIFACTS: Final = """
    update artifacts as a
    set
        title = w.title,
        description = w.description,
        author = w.author,
        license = w.license,
        source = w.source,
        origin = w.origin,
        metadata = w.metadata,
        added_at = w.added_at,
        updated_at = w.updated_at
    from pg_temp.changed_artifacts as w
    where a.id = w.id
"""

# A trigger sets `updated_at` to the current time if an update does not change it.
RESTORE_ARTIFACT_TIMES: Final = """
    update artifacts as a
    set updated_at = w.updated_at
    from pg_temp.changed_artifacts as w
    where a.id = w.id and a.updated_at <> w.updated_at
"""

ADD_ARTIFACT_TAGS: Final = """
    insert into artifact_tags (artifact_id, tag_id, created_at)
    select i.artifact_id, i.tag_id, min(coalesce(i.created_at, now()))
    from pg_temp.skillmeat_artifact_tags as i
    where
        not exists (
            select
            from artifact_tags as x
            where x.artifact_id = i.artifact_id and x.tag_id = i.tag_id
        )
    group by i.artifact_id, i.tag_id
    order by i.artifact_id, i.tag_id
    on conflict do nothing
"""

ADD_MEMBERSHIPS: Final = """
    insert into collection_artifacts (collection_id, artifact_id, added_at)
    select i.collection_id, i.artifact_id, min(coalesce(i.added_at, now()))
    from pg_temp.skillmeat_memberships as i
    where
        not exists (
            select
            from collection_artifacts as m
            where m.collection_id = i.collection_id and m.artifact_id = i.artifact_id
        )
    group by i.collection_id, i.artifact_id
    order by i.collection_id, i.artifact_id
    on conflict do nothing
"""

# A group or a project's record does not know when an artifact joined its collection.
UPDATE_MEMBERSHIP_TIMES: Final = """
    update collection_artifacts as m
    set added_at = i.added_at
    from pg_temp.skillmeat_memberships as i
    where
        m.collection_id = i.collection_id
        and m.artifact_id = i.artifact_id
        and i.has_exact_time
        and m.added_at <> i.added_at
"""

# A group that moves to another collection first loses its artifacts; later statements add them to
# it again.
REMOVE_FROM_MOVED_GROUPS: Final = """
    delete from group_artifacts as p
    using pg_temp.skillmeat_groups as i
    where p.group_id = i.id and p.collection_id <> i.collection_id and i.replaces_existing
"""

# If a group has moved since, add only the artifacts that are members of its collection.
ADD_GROUP_ARTIFACTS: Final = """
    insert into group_artifacts (collection_id, group_id, artifact_id, position, added_at)
    select g.collection_id, g.id, i.artifact_id, i.position, coalesce(i.added_at, now())
    from pg_temp.skillmeat_group_artifacts as i
    inner join groups as g on g.id = i.group_id
    inner join collection_artifacts as m
        on m.collection_id = g.collection_id and m.artifact_id = i.artifact_id
    where
        not exists (
            select
            from group_artifacts as p
            where p.group_id = i.group_id and p.artifact_id = i.artifact_id
        )
    order by g.id, i.artifact_id
"""

UPDATE_GROUP_ARTIFACTS: Final = """
    update group_artifacts as p
    set position = i.position, added_at = coalesce(i.added_at, p.added_at)
    from pg_temp.skillmeat_group_artifacts as i
    where
        p.group_id = i.group_id
        and p.artifact_id = i.artifact_id
        and (p.position, p.added_at)
        is distinct from (i.position, coalesce(i.added_at, p.added_at))
"""

# SkillMeat has these rows, too. So a prune of another source does not remove them.
KEEP_ROWS: Final = (
    """
    update artifacts as a
    set is_imported = false
    from pg_temp.skillmeat_artifacts as i
    where a.id = i.id and a.is_imported
    """,
    """
    update tags as t
    set is_imported = false
    from pg_temp.skillmeat_tags as i
    where t.id = i.id and t.is_imported
    """,
    """
    update artifact_tags as x
    set is_imported = false
    from pg_temp.skillmeat_artifact_tags as i
    where x.artifact_id = i.artifact_id and x.tag_id = i.tag_id and x.is_imported
    """,
    """
    update collection_artifacts as m
    set is_imported = false
    from pg_temp.skillmeat_memberships as i
    where
        m.collection_id = i.collection_id and m.artifact_id = i.artifact_id and m.is_imported
    """,
)

DROP: Final = "drop table pg_temp.changed_artifacts"
