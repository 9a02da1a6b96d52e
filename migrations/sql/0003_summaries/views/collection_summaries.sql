-- A collection with its exact counts: settled plus pending.

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
            select k.count_key from count_changes as k order by k.count_key limit 1
        ) is not null then coalesce((
            select sum(p.delta) from count_changes as p where p.count_key = c.artifact_count_key
        ), 0)::bigint
        else 0
    end as artifact_count,
    c.group_count + case
        when (
            select k.count_key from count_changes as k order by k.count_key limit 1
        ) is not null then coalesce((
            select sum(p.delta) from count_changes as p where p.count_key = c.group_count_key
        ), 0)::bigint
        else 0
    end as group_count,
    c.source,
    c.created_at,
    c.updated_at
from collections as c;

comment on view collection_summaries is 'A collection with its exact counts.';
comment on column collection_summaries.artifact_count is 'The exact number of its artifacts.';
comment on column collection_summaries.group_count is 'The exact number of its groups.';
