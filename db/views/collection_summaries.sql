<%namespace name="counts" file="/counters/exact_count.mako"/>\
-- A collection with its exact counts: settled plus pending.

create or replace view collection_summaries as
select
    c.id::text,
    c.name::text,
    c.description,
    c.created_by,
    c.collection_type,
    c.context_category,
    ${counts.exact_count("c", "artifact_count")},
    ${counts.exact_count("c", "group_count")},
    c.source,
    c.created_at,
    c.updated_at
from collections as c;

comment on view collection_summaries is 'A collection with its exact counts.';
comment on column collection_summaries.artifact_count is 'The exact number of its artifacts.';
comment on column collection_summaries.group_count is 'The exact number of its groups.';
