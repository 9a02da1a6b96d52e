"""The idempotent statements that import the staged rows, in the order in which they run.

Each statement inserts in key order, because writers with different orders could deadlock.
"""

from typing import Final

# ruff: noqa: S608 - the f-strings join constants of this file only

# Imports wait for each other. Two concurrent imports would both add the same version, because
# neither sees the other's uncommitted row.
WAIT_FOR_OTHER_IMPORTS: Final = """
    select pg_advisory_xact_lock(hashtextextended('skillmeat import: ' || current_schema(), 0))
"""

# Select the contents that the artifact never had. Also select its latest content if a different
# content is the latest in the catalogue, or would be after the new contents are added. A new
# version never gets an older time than an existing version, because an import that began earlier
# may commit later.
FIND_NEW_VERSIONS: Final = """
    create temporary table new_versions
    on commit drop
    as
    with staged as (
        select
            i.*,
            l.content_hash as latest_hash,
            greatest(l.created_at, statement_timestamp()) as created_at,
            exists (
                select
                from artifact_versions as v
                where v.artifact_id = i.artifact_id and v.content_hash = i.content_hash
            ) as is_known
        from pg_temp.incoming_versions as i
        left join lateral (
            select v.content_hash, v.created_at
            from artifact_versions as v
            where v.artifact_id = i.artifact_id
            order by v.created_at desc, v.id desc
            limit 1
        ) as l on true
    ),

    compared as (
        select s.*, bool_and(s.is_known) over (partition by s.artifact_id) as all_are_known
        from staged as s
    )

    select c.ordinal, c.artifact_id, c.content_hash, c.version, c.metadata, c.created_at
    from compared as c
    where
        not c.is_known
        or (c.is_latest and (c.content_hash <> c.latest_hash or not c.all_are_known))
"""

DROP: Final = "drop table pg_temp.new_versions"

COUNT_CHANGED_ARTIFACTS: Final = """
    select
        count(*) as found,
        count(*) filter (where a.id is null) as added,
        count(*) filter (
            where
                a.id is not null
                and (
                    (a.title, a.description, a.author, a.license, a.source, a.origin, a.metadata)
                    is distinct from
                    (i.title, i.description, i.author, i.license, i.source, i.origin, i.metadata)
                    or v.artifact_id is not null
                )
        ) as updated
    from pg_temp.incoming_artifacts as i
    left join artifacts as a on a.id = i.type || ':' || i.name
    left join (
        select distinct n.artifact_id from pg_temp.new_versions as n
    ) as v on v.artifact_id = a.id
"""

ADD_VERSIONS: Final = """
    insert into artifact_versions (
        artifact_id, content_hash, version, change_origin, metadata, created_at
    )
    select n.artifact_id, n.content_hash, n.version, 'import', n.metadata, n.created_at
    from pg_temp.new_versions as n
    order by n.ordinal
"""

ADD_TAGS: Final = """
    insert into tags (slug, name)
    select i.slug, i.name
    from pg_temp.incoming_tags as i
    where not exists (select from tags as t where t.slug = i.slug or t.name = i.name)
    order by i.slug
    on conflict do nothing
"""

# Use the tag with the same slug, else the tag with the same name.
ADD_ARTIFACT_TAGS: Final = """
    with known as materialized (
        select
            i.slug,
            (
                select t.id
                from tags as t
                where t.slug = i.slug or t.name = i.name
                order by t.slug = i.slug desc
                limit 1
            ) as tag_id
        from pg_temp.incoming_tags as i
    )

    insert into artifact_tags (artifact_id, tag_id)
    select i.artifact_id, k.tag_id
    from pg_temp.incoming_artifact_tags as i
    inner join known as k on k.slug = i.slug
    where k.tag_id is not null
    order by i.artifact_id, k.tag_id
    on conflict do nothing
"""

ADD_COLLECTIONS: Final = """
    insert into collections (id, name, description, source)
    select i.id, i.name, i.description, i.source
    from pg_temp.incoming_collections as i
    where not exists (select from collections as c where c.id = i.id or c.name = i.name)
    order by i.id
    on conflict do nothing
"""

# Only the source that created a collection updates its description.
UPDATE_COLLECTIONS: Final = """
    update collections as c
    set description = i.description
    from pg_temp.incoming_collections as i
    where
        c.id = i.id
        and c.source = i.source
        and c.description is distinct from i.description
"""

# If no collection has the id, the collection with the same name gets the artifacts.
MEMBERSHIPS: Final = """
    known as materialized (
        select
            i.id,
            (
                select c.id
                from collections as c
                where c.id = i.id or c.name = i.name
                order by c.id = i.id desc
                limit 1
            ) as collection_id
        from pg_temp.incoming_collections as i
    ),

    memberships as (
        select distinct k.collection_id, i.artifact_id
        from pg_temp.incoming_memberships as i
        inner join known as k on k.id = i.collection_id
        where k.collection_id is not null
    )
"""

ADD_MEMBERSHIPS: Final = f"""
    with {MEMBERSHIPS}

    insert into collection_artifacts (collection_id, artifact_id)
    select m.collection_id, m.artifact_id
    from memberships as m
    order by m.collection_id, m.artifact_id
    on conflict do nothing
"""
