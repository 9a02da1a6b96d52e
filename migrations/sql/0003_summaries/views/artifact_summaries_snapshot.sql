-- Every artifact with its tags, version and the ids of its collections, as of the last refresh. It
-- holds no counts of collections, so no count makes a row stale. Its rows lie in the order of
-- pages, so a page reads few blocks. The JSON of an artifact is made once for each refresh, not for
-- each page: it changes only with its row.

create materialized view artifact_summaries_snapshot as
select
    s.*,
    '{"aliases" : '
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
    )::text, -1) as json_document
from (select * from artifact_details order by id) as s;

create unique index artifact_summaries_snapshot_id_idx on artifact_summaries_snapshot (id);

comment on materialized view artifact_summaries_snapshot is
    'Every artifact with its tags, version and the ids of its collections, as of the last refresh.';
comment on column artifact_summaries_snapshot.json_document is
    'Its JSON in the HTTP API, without its collections.';
