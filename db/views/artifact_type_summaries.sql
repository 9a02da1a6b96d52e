<%namespace name="counts" file="/counters/exact_count.mako"/>\
-- An artifact type with its exact count: settled plus pending.

create or replace view artifact_type_summaries as
select
    t.type::text,
    ${counts.exact_count("t", "artifact_count")} as artifact_count
from artifact_types as t;

comment on view artifact_type_summaries is 'An artifact type with its exact count.';
comment on column artifact_type_summaries.artifact_count is
    'The exact number of artifacts of the type.';
