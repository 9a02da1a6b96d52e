-- A group with its exact count: settled plus pending.

create or replace view group_summaries as
select
    g.id::text,
    g.collection_id,
    g.name::text,
    g.description,
    g.color,
    g.icon,
    g.position,
    g.artifact_count + case
        when (
            select k.count_key
            from count_changes as k
            order by k.count_key
            limit 1
        ) is not null then coalesce((
            select sum(p.delta)
            from count_changes as p
            where p.count_key = g.artifact_count_key
        ), 0)::bigint
        else 0
    end as artifact_count,
    g.created_at,
    g.updated_at,
    g.tags
from groups as g;

comment on view group_summaries is 'A group with its exact count.';
comment on column group_summaries.artifact_count is 'The exact number of its artifacts.';
