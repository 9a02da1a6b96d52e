-- A tag with its exact count: settled plus pending.

create or replace view tag_summaries as
select
    t.id::text,
    t.name::text,
    t.slug::text,
    t.color,
    t.artifact_count + case
        when (
            select k.count_key
            from count_changes as k
            order by k.count_key
            limit 1
        ) is not null then coalesce((
            select sum(p.delta)
            from count_changes as p
            where p.count_key = t.artifact_count_key
        ), 0)::bigint
        else 0
    end as artifact_count,
    t.created_at,
    t.updated_at
from tags as t;

comment on view tag_summaries is 'A tag with its exact count.';
comment on column tag_summaries.artifact_count is 'The exact number of artifacts with the tag.';
