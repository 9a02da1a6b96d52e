<%doc>
    The tags, version and collections of an artifact, read live. `id` is an SQL expression of its id, and
    `item` of what the column `collections` lists of a collection `c`, in the order of the list.

    A statement looks up each tag and each collection once, and a Memoize node keeps it for the other
    artifacts. The planner chooses that node because it expects many tags of an artifact (UNNEST), with
    one id (LIMIT ALL). Otherwise it would scan all tags for every artifact, while they fill few blocks.
</%doc>
<%def name="columns(id, item='c.id::text', collections='collection_ids')">\
array(
        select t.name
        from (
            select unnest(array(
                select x.tag_id from artifact_tags as x where x.artifact_id = ${id}
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
        where v.artifact_id = ${id}
        order by v.created_at desc, v.id desc
        limit 1
    ) as version,
    array(
        select c.item
        from (
            select unnest(array(
                select m.collection_id
                from collection_artifacts as m
                where m.artifact_id = ${id}
            )) as id
        ) as membership
        cross join lateral (select membership.id limit all) as wanted
        cross join lateral (
            select
                c.id,
                c.name,
                ${item} as item
            from collections as c
            where c.id = wanted.id
            offset 0
        ) as c
        order by c.id <> 'default', c.name  -- noqa: RF01
    ) as ${collections}\
</%def>\
