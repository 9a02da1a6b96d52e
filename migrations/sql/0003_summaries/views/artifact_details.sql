-- An artifact with its tags, version and the ids of its collections, read live. The snapshot
-- holds the rows of this view.

create or replace view artifact_details as
select
    a.id,
    a.type,
    a.name::text,
    a.title,
    a.description,
    a.author,
    a.license,
    a.source,
    a.origin,
    a.metadata,
    array(
        select t.name
        from (
            select unnest(array(
                select x.tag_id from artifact_tags as x where x.artifact_id = a.id
            )) as id
        ) as tagging
        cross join lateral (select tagging.id limit all) as wanted
        cross join lateral (
            select t.name::text from tags as t where t.id = wanted.id offset 0
        ) as t
        order by t.name
    ) as tags,
    (
        select v.version
        from artifact_versions as v
        where v.artifact_id = a.id
        order by v.created_at desc, v.id desc
        limit 1
    ) as version,
    array(
        select c.item
        from (
            select unnest(array(
                select m.collection_id
                from collection_artifacts as m
                where m.artifact_id = a.id
            )) as id
        ) as membership
        cross join lateral (select membership.id limit all) as wanted
        cross join lateral (
            select
                c.id,
                c.name,
                c.id::text as item
            from collections as c
            where c.id = wanted.id
            offset 0
        ) as c
        order by c.id <> 'default', c.name  -- noqa: RF01
    ) as collection_ids,
    a.added_at,
    a.updated_at
from artifacts as a;

comment on view artifact_details is
    'An artifact with its tags, version and the ids of its collections, read live.';
comment on column artifact_details.tags is 'The names of its tags, in code point order.';
comment on column artifact_details.version is 'The version that was added last.';
comment on column artifact_details.collection_ids is
    'The ids of its collections: `default` first, then by name.';
