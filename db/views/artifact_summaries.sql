-- An artifact with its tags, version and collections, each with its exact count.

create or replace view artifact_summaries as
select
    id,
    type,
    name,
    title,
    description,
    author,
    license,
    source,
    origin,
    metadata,
    tags,
    version,
    collections_jsonb as collections,
    added_at,
    updated_at
from artifact_summaries_merged;

comment on view artifact_summaries is
    'An artifact with its tags, version and collections, each with its exact count.';
comment on column artifact_summaries.tags is 'The names of its tags, in code point order.';
comment on column artifact_summaries.version is 'The version that was added last.';
comment on column artifact_summaries.collections is
    'Its collections as [{"id", "name", "artifact_count"}]: `default` first, then by name.';
