-- An artifact with its tags, version and collections by plain joins and COUNT(*): the definition
-- of a correct answer.

create or replace view artifact_summaries_live as
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
    a.tags,
    a.version,
    coalesce(joined.collections, '[]') as collections,
    a.added_at,
    a.updated_at
from artifact_details as a
left join (
    select
        m.artifact_id,
        jsonb_agg(
            jsonb_build_object('id', c.id, 'name', c.name, 'artifact_count', counted.artifact_count)
            order by c.id <> 'default', c.name
        ) as collections
    from collection_artifacts as m
    inner join collections as c on c.id = m.collection_id
    inner join (
        select
            collection_id,
            count(*) as artifact_count
        from collection_artifacts
        group by collection_id
    ) as counted on counted.collection_id = m.collection_id
    group by m.artifact_id
) as joined on joined.artifact_id = a.id;

comment on view artifact_summaries_live is
    'An artifact with its tags, version and collections by plain joins and COUNT(*).';
