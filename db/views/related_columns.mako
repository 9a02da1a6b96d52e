<%doc>
    The tags, version and collections of an artifact, read live. `id` is an SQL expression of its id.
</%doc>
<%def name="columns(id)">\
array(
        -- A subquery for each tag: a join would scan all tags for every artifact.
        select (select t.name::text from tags as t where t.id = x.tag_id) as name
        from artifact_tags as x
        where x.artifact_id = ${id}
        order by name
    ) as tags,
    (
        select v.version
        from artifact_versions as v
        where v.artifact_id = ${id}
        order by v.created_at desc, v.id desc
        limit 1
    ) as version,
    array(
        select m.collection_id
        from collection_artifacts as m
        where m.artifact_id = ${id}
        order by m.collection_id
    ) as collection_ids\
</%def>\
