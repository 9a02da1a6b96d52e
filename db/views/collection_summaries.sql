<%namespace name="counts" file="/counters/exact_count.mako"/>\
<%namespace name="sort" file="/indexes/sort_key.mako"/>\
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
    ${counts.exact_count("c", "artifact_count")} as artifact_count,
    ${counts.exact_count("c", "group_count")} as group_count,
    c.source,
    c.created_at,
    c.updated_at,
    ${sort.sort_key()} as sort_key,
    c.json_prefix
from collections as c;

comment on view collection_summaries is 'A collection with its exact counts.';
comment on column collection_summaries.artifact_count is 'The exact number of its artifacts.';
comment on column collection_summaries.group_count is 'The exact number of its groups.';
comment on column collection_summaries.sort_key is
    'Sorts from A to Z, default first: cases and accents are equal, numbers are by value.';
comment on column collection_summaries.json_prefix is
    'Its JSON in artifact_summaries, up to its count.';
