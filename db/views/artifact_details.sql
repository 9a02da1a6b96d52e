<%namespace name="related" file="/views/related_columns.mako"/>\
-- An artifact with its tags, version and the ids of its collections, read live. The snapshot
-- holds the rows of this view.

create or replace view artifact_details as
select
    a.id,
    a.type,
    a.name::text,
    a.title,
    a.description,
    a.author,
    a.license,
    a.source,
    a.origin,
    a.metadata,
    ${related.columns('a.id')},
    a.added_at,
    a.updated_at
from artifacts as a;

comment on view artifact_details is
    'An artifact with its tags, version and the ids of its collections, read live.';
comment on column artifact_details.tags is 'The names of its tags, in code point order.';
comment on column artifact_details.version is 'The version that was added last.';
comment on column artifact_details.collection_ids is
    'The ids of its collections: `default` first, then by name.';
