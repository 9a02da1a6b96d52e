-- An artifact type with its exact count: settled plus pending.

create or replace view artifact_type_summaries as
select
    t.type::text,
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
    end as artifact_count
from artifact_types as t;

comment on view artifact_type_summaries is 'An artifact type with its exact count.';
comment on column artifact_type_summaries.artifact_count is
    'The exact number of artifacts of the type.';
