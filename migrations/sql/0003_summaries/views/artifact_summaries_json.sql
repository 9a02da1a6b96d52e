-- The rows of artifact_summaries, for Python and HTTP, which need JSON as text: it costs a page a
-- quarter less than jsonb. The snapshot holds json_document; it is computed for a live row alone.
-- artifact_summaries explains the select.

create or replace view artifact_summaries_json as
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
    (
        select null::text as collections
        from generate_series(1, 1000)
        where merged.seq < 0
        union all
        select '[' || array_to_string(coalesce(
            live.items,
            array(
                select c.item
                from (
                    select unnest(merged.collection_ids) as id
                ) as member
                cross join lateral (select member.id limit all) as wanted
                cross join lateral (
                    select c.json_prefix || (c.artifact_count + case
                        when (
                            select k.count_key
                            from count_changes as k
                            order by k.count_key
                            limit 1
                        ) is not null then coalesce((
                            select sum(p.delta)
                            from count_changes as p
                            where p.count_key = c.artifact_count_key
                        ), 0)::bigint
                        else 0
                    end) || '}' as item
                    from collections as c
                    where c.id = wanted.id
                    offset 0
                ) as c
            )
        ), ',') || ']' as collections
        where merged.seq >= 0
        limit 1
    ) as collections,
    s.added_at,
    s.updated_at,
    coalesce(merged.json_document, '{"aliases" : '
    || (
        case
            when s.metadata ? 'aliases' then jsonb_path_query_array(
                s.metadata, '$."aliases"[*] ? (@.type() == "string")'
            )
            else '[]'
        end
    )::text
    || ', "target_platforms" : '
    || coalesce(nullif(
        case
            when s.metadata ? 'target_platforms' then jsonb_path_query_array(
                s.metadata, '$."target_platforms"[*] ? (@.type() == "string")'
            )
            else '[]'
        end,
        '[]'
    )::text, 'null')
    || ', "tags" : '
    || array_to_json(s.tags)::text
    || ', "metadata" : {"tags" : '
    || array_to_json(s.tags)::text
    || ', "dependencies" : '
    || (
        case
            when s.metadata ? 'dependencies' then jsonb_path_query_array(
                s.metadata, '$."dependencies"[*] ? (@.type() == "string")'
            )
            else '[]'
        end
    )::text
    || ', "tools" : '
    || (
        case
            when 'array' in (
                jsonb_typeof(s.metadata -> 'tools'), jsonb_typeof(s.metadata -> 'allowed-tools')
            ) then (
            case
                when s.metadata ? 'tools' then jsonb_path_query_array(
                    s.metadata, '$."tools"[*] ? (@.type() == "string")'
                )
                else '[]'
            end
            ) || (
            case
                when s.metadata ? 'allowed-tools' then jsonb_path_query_array(
                    s.metadata, '$."allowed-tools"[*] ? (@.type() == "string")'
                )
                else '[]'
            end
            )
            when coalesce(nullif(s.metadata ->> 'tools', ''), s.metadata ->> 'allowed-tools') <> ''
                then to_jsonb(array_remove(regexp_split_to_array(
                    coalesce(nullif(s.metadata ->> 'tools', ''), s.metadata ->> 'allowed-tools'),
                    '^\s+|\s*,\s*|\s+$'
                ), ''))
            else '[]'
        end
    )::text
    || ', "linked_artifacts" : '
    || (
        case
            when jsonb_typeof(s.metadata -> 'linked_artifacts') = 'array'
                then s.metadata -> 'linked_artifacts'
            else '[]'
        end
    )::text
    || ', "unlinked_references" : '
    || (
        case
            when jsonb_typeof(s.metadata -> 'unlinked_references') = 'array'
                then s.metadata -> 'unlinked_references'
            else '[]'
        end
    )::text
    || ', '
    || right(json_object(
        '{title,description,author,license,version}',
        array[s.title, s.description, s.author, s.license, s.version]
    )::text, -1)
    || ', '
    || right(json_object(
        '{id,uuid,name,type,source,origin,origin_source,version,added,updated}',
        array[
            s.id,
            case
                when
                    length(s.metadata ->> 'uuid') = 32
                    and ltrim(s.metadata ->> 'uuid', '0123456789abcdef') = ''
                then s.metadata ->> 'uuid'
                else md5(s.id)
            end,
            s.name,
            s.type,
            coalesce(s.source, 'local'),
            coalesce(s.origin, 'local'),
            s.metadata ->> 'origin_source',
            coalesce(s.metadata ->> 'version_spec', 'unknown'),
            (
                select case
                    when length(t.iso) = 26 or strpos(t.iso, '.') = 0 then t.iso
                    else rpad(t.iso, strpos(t.iso, '.') + 6, '0')
                end
                from (
                    select btrim(to_json(s.added_at at time zone 'UTC')::text, '"') as iso
                    limit all
                ) as t
            ),
            (
                select case
                    when length(t.iso) = 26 or strpos(t.iso, '.') = 0 then t.iso
                    else rpad(t.iso, strpos(t.iso, '.') + 6, '0')
                end
                from (
                    select btrim(to_json(s.updated_at at time zone 'UTC')::text, '"') as iso
                    limit all
                ) as t
            )
        ]
    )::text, -1)) as json_document
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
    select
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
        null::timestamptz as updated_at
    from generate_series(1, 1000)
    where merged.seq < 0
    union all
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
        array(
            select t.name
            from (
                select unnest(array(
                    select x.tag_id from artifact_tags as x where x.artifact_id = merged.id
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
            where v.artifact_id = merged.id
            order by v.created_at desc, v.id desc
            limit 1
        ) as version,
        array(
            select c.item
            from (
                select unnest(array(
                    select m.collection_id
                    from collection_artifacts as m
                    where m.artifact_id = merged.id
                )) as id
            ) as membership
            cross join lateral (select membership.id limit all) as wanted
            cross join lateral (
                select
                    c.id,
                    c.name,
                    c.json_prefix || (c.artifact_count + case
                        when (
                            select k.count_key
                            from count_changes as k
                            order by k.count_key
                            limit 1
                        ) is not null then coalesce((
                            select sum(p.delta)
                            from count_changes as p
                            where p.count_key = c.artifact_count_key
                        ), 0)::bigint
                        else 0
                    end) || '}' as item
                from collections as c
                where c.id = wanted.id
                offset 0
            ) as c
            order by c.id <> 'default', c.name  -- noqa: RF01
        ) as items,
        a.added_at,
        a.updated_at
    -- The third scan has these columns already; an index scan for a null reads no page.
    from (select case when not merged.is_live then merged.id end as id) as changed
    left join artifacts as a on a.id = changed.id
    where
        merged.seq > 0
        and (merged.is_live or merged.seq = (
            select c.seq
            from artifact_changes as c
            where c.artifact_id = merged.id
            order by c.seq desc
            limit 1
        ))
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
        select null::bigint as seq
        from generate_series(1, 1000)
        where merged.seq < 0
        union all
        select (
                select c.seq
                from artifact_changes as c
                where c.artifact_id = merged.id
                order by c.seq desc
                limit 1
            ) as seq
        where merged.seq >= 0
        limit 1
    ) is null), false) is not null
    and coalesce(merged.type, live.type) is not null;

comment on view artifact_summaries_json is
    'The rows of artifact_summaries, with JSON as text.';
comment on column artifact_summaries_json.tags is 'The names of its tags, in code point order.';
comment on column artifact_summaries_json.version is 'The version that was added last.';
comment on column artifact_summaries_json.collections is
    'Its collections as text, [{"id", "name", "artifact_count"}]: `default` first, then by name.';
comment on column artifact_summaries_json.json_document is
    'Its JSON in the HTTP API, without its collections.';
