-- An artifact with its tags, version and collections by plain joins and COUNT(*): the definition
-- that every faster answer is held against.

create view artifact_summaries_live as
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
            jsonb_build_object(
                'id', c.id,
                'name', c.name,
                'artifact_count', (
                    select count(*) from collection_artifacts as m where m.collection_id = c.id
                )
            )
            order by c.id <> 'default', c.name
        )
        from collection_artifacts as ca
        inner join collections as c on c.id = ca.collection_id
        where ca.artifact_id = a.id
    ), '[]') as collections,
    a.added_at,
    a.updated_at
from artifacts as a;

comment on view artifact_summaries_live is
    'An artifact with its tags, version and collections by plain joins and COUNT(*): the oracle.';
