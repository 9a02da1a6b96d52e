<%namespace name="counts" file="/counters/exact_count.mako"/>\
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
    ${counts.exact_count("g", "artifact_count")} as artifact_count,
    g.created_at,
    g.updated_at,
    g.tags
from groups as g;

comment on view group_summaries is 'A group with its exact count.';
comment on column group_summaries.artifact_count is 'The exact number of its artifacts.';
