-- A collection with its exact counts: settled plus pending. `order by sort_key` is an index scan.

-- noqa: disable=RF03
-- The index has the expression of sort_key, without an alias.
create or replace view collection_summaries as
select
    c.id::text,
    c.name::text,
    c.description,
    c.created_by,
    c.collection_type,
    c.context_category,
    c.artifact_count + case
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
    end as artifact_count,
    c.group_count + case
        when (
            select k.count_key
            from count_changes as k
            order by k.count_key
            limit 1
        ) is not null then coalesce((
            select sum(p.delta)
            from count_changes as p
            where p.count_key = c.group_count_key
        ), 0)::bigint
        else 0
    end as group_count,
    c.source,
    c.created_at,
    c.updated_at,
    (
        case when id = 'default' then chr(9) else '' end
        || left(
            regexp_replace(regexp_replace(
                lower(
                    regexp_replace(normalize(name, nfkd), '[\u0300-\u036f]+', '', 'g')
                    collate "default"
                ),
                '([0-9]+)', '00000000000\1', 'g'
            ), '0*([0-9]{12})(?![0-9])', '\1', 'g'),
            255
        )
        || chr(9) || name
    ) collate "C" as sort_key,
    c.json_prefix
from collections as c;

comment on view collection_summaries is 'A collection with its exact counts.';
comment on column collection_summaries.artifact_count is 'The exact number of its artifacts.';
comment on column collection_summaries.group_count is 'The exact number of its groups.';
comment on column collection_summaries.sort_key is
    'Sorts from A to Z, default first: cases and accents are equal, numbers are by value.';
comment on column collection_summaries.json_prefix is
    'Its JSON in artifact_summaries, up to its count.';
