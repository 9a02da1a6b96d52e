-- An artifact with its tags, version and collections, each with its exact count: what
-- artifact_summaries_live says, at a cost that depends on the page alone.

create view artifact_summaries as
select
    a.id,
    a.type,
    a.name,
    a.title,
    a.description,
    a.author,
    a.license,
    a.source,
    a.origin,
    a.metadata,
    array(
        select t.name::text
        from artifact_tags as x
        inner join tags as t on t.id = x.tag_id
        where x.artifact_id = a.id
        order by t.name
    ) as tags,
    (
        select v.version
        from artifact_versions as v
        where v.artifact_id = a.id
        order by v.created_at desc, v.id desc
        limit 1
    ) as version,
    coalesce((
        select jsonb_agg(
            jsonb_build_object('id', c.id, 'name', c.name, 'artifact_count', c.artifact_count)
            order by c.id <> 'default', c.name
        )
        from collection_artifacts as ca
        inner join collection_summaries as c on c.id = ca.collection_id
        where ca.artifact_id = a.id
    ), '[]') as collections,
    a.added_at,
    a.updated_at
from artifacts as a;

comment on view artifact_summaries is
    'An artifact with its tags, version and collections, each with its exact count.';
comment on column artifact_summaries.tags is 'The names of its tags, in code point order.';
comment on column artifact_summaries.version is 'The version that was added last.';
comment on column artifact_summaries.collections is
    'Its collections as [{"id", "name", "artifact_count"}]: `default` first, then by name.';
