-- The versions of all artifacts, each with the text that an import kept of it. A version that is
-- read without its text does not read artifact_contents, because at most one row matches.

create or replace view artifact_history as
select
    v.artifact_id,
    v.id as version_id,
    v.content_hash,
    v.version,
    v.change_origin,
    v.created_at,
    v.metadata,
    c.content
from artifact_versions as v
left join artifact_contents as c on c.content_hash = v.content_hash;

comment on view artifact_history is 'A version of an artifact, with its text if one is kept.';
comment on column artifact_history.content is
    'The text that was imported, without secrets of configurations; null if none is kept.';
