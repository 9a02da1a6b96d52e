<%namespace name="counts" file="/counters/exact_count.mako"/>\
-- A tag with its exact count: settled plus pending.

create or replace view tag_summaries as
select
    t.id::text,
    t.name::text,
    t.slug::text,
    t.color,
    ${counts.exact_count("t", "artifact_count")} as artifact_count,
    t.created_at,
    t.updated_at
from tags as t;

comment on view tag_summaries is 'A tag with its exact count.';
comment on column tag_summaries.artifact_count is 'The exact number of artifacts with the tag.';
