<%doc>
    The select of artifact_summaries, and of artifact_summaries_json. Each view is written out: if one
    read the other, PostgreSQL would plan what it does not select as well.
</%doc>\
<%page args="is_text"/>\
<%namespace name="counts" file="/counters/exact_count.mako"/>\
<%namespace name="json" file="/views/artifact_json.mako"/>\
<%namespace name="related" file="/views/related_columns.mako"/>\
<%doc>
    The first branch of a UNION ALL whose second branch is a lookup that returns one row.
    `columns` are nulls of the lookup's types.
</%doc>\
<%def name="discount(columns)">\
select${columns}
    from generate_series(1, 1000)
    where merged.seq < 0
    union all\
</%def>\
<%doc>
    The collections of the row, as text or else as jsonb. A page looks up each of its collections once: a
    Memoize node keeps its JSON for the other artifacts. The planner chooses that node because it expects
    many collections of an artifact (UNNEST), with one id (LIMIT ALL). The ids are in the order of the
    list, and a lateral join cannot change it. A live row has its items already: to sort them by name, it
    has looked up the collections.
</%doc>\
<%def name="collections(is_text, as_text)">\
<%
    type, item = ("text", as_text) if is_text else ("jsonb", f"({as_text})::jsonb")
    item = item.replace("\n", "\n" + " " * 20)
    start, end = ("'[' || array_to_string(", ", ',') || ']'") if is_text else ("to_jsonb(", ")")
%>\
(
        ${capture(discount, f" null::{type} as collections").replace('\n', '\n    ')}
        select ${start}coalesce(
            live.items${"" if is_text else "::jsonb[]"},
            array(
                select c.item
                from (
                    select unnest(merged.collection_ids) as id
                ) as member
                cross join lateral (select member.id limit all) as wanted
                cross join lateral (
                    select ${item} as item
                    from collections as c
                    where c.id = wanted.id
                    offset 0
                ) as c
            )
        )${end} as collections
        where merged.seq >= 0
        limit 1
    )\
</%def>\
<%def name="latest_change()">\
(
            select c.seq
            from artifact_changes as c
            where c.artifact_id = merged.id
            order by c.seq desc
            limit 1
        )\
</%def>\
<%
    exact_count = capture(counts.exact_count, "c", "artifact_count").replace("\n    ", "\n")
    as_text = f"c.json_prefix || ({exact_count}) || '}}'"
%>\
select
    s.id,
    s.type,
    s.name,
    s.title,
    s.description,
    s.author,
    s.license,
    s.source,
    s.origin,
    s.metadata,
    s.tags,
    s.version,
    ${collections(is_text, as_text)} as collections,
    s.added_at,
    s.updated_at\
% if is_text:
,
    coalesce(merged.json_document, ${json.document()}) as json_document\
% endif

from (
    select
        r.*,
        0::bigint as seq,
        false as is_live,
        (
            select k.artifact_id
            from artifact_changes as k
            where k.artifact_id > ''
            order by k.artifact_id
            limit 1
        ) is not null as may_have_changed
    from artifact_summaries_snapshot as r
    union all
    select
        c.artifact_id as id,
        null as type,
        null as name,
        null as title,
        null as description,
        null as author,
        null as license,
        null as source,
        null as origin,
        null as metadata,
        null as tags,
        null as version,
        null as collection_ids,
        null as added_at,
        null as updated_at,
        null as json_document,
        c.seq,
        false as is_live,
        false as may_have_changed
    from artifact_changes as c
    union all
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
        null as tags,
        null as version,
        null as collection_ids,
        a.added_at,
        a.updated_at,
        null as json_document,
        1::bigint as seq,
        true as is_live,
        false as may_have_changed
    from artifacts as a
) as merged
-- The row of a change that is the last of its artifact, and what the third scan lacks.
left join lateral (
    ${discount("""
        null::boolean as is_latest,
        null::text collate "C" as type,
        null::text as name,
        null::text as title,
        null::text as description,
        null::text as author,
        null::text as license,
        null::text as source,
        null::text as origin,
        null::jsonb as metadata,
        null::text[] as tags,
        null::text as version,
        null::text[] as items,
        null::timestamptz as added_at,
        null::timestamptz as updated_at""")}
    select
        true as is_latest,
        a.type,
        a.name::text,
        a.title,
        a.description,
        a.author,
        a.license,
        a.source,
        a.origin,
        a.metadata,
        ${capture(related.columns, 'merged.id', item=as_text.replace('\n', '\n' + ' ' * 16), collections='items').replace('\n', '\n    ')},
        a.added_at,
        a.updated_at
    -- The third scan has these columns already; an index scan for a null reads no page.
    from (select case when not merged.is_live then merged.id end as id) as changed
    left join artifacts as a on a.id = changed.id
    where
        merged.seq > 0
        and (merged.is_live or merged.seq = ${latest_change()})
    limit 1
) as live on true
cross join lateral (
    select
        merged.id,
        coalesce(merged.type, live.type) as type,
        coalesce(merged.name, live.name) as name,
        coalesce(merged.title, live.title) as title,
        coalesce(merged.description, live.description) as description,
        coalesce(merged.author, live.author) as author,
        coalesce(merged.license, live.license) as license,
        coalesce(merged.source, live.source) as source,
        coalesce(merged.origin, live.origin) as origin,
        coalesce(merged.metadata, live.metadata) as metadata,
        coalesce(merged.tags, live.tags) as tags,
        coalesce(merged.version, live.version) as version,
        coalesce(merged.added_at, live.added_at) as added_at,
        coalesce(merged.updated_at, live.updated_at) as updated_at
) as s
where
    merged.is_live = (
        select b.everything_changed or b.has_too_many_changes or b.is_replaced
        from snapshot_bypass as b
    )
    -- A row of the snapshot is the latest of its artifact if the log has no change of it.
    and nullif(coalesce(live.is_latest, not merged.may_have_changed or (
        ${capture(discount, " null::bigint as seq").replace('\n', '\n    ')}
        select ${capture(latest_change).replace('\n', '\n    ')} as seq
        where merged.seq >= 0
        limit 1
    ) is null), false) is not null
    and coalesce(merged.type, live.type) is not null\
