-- The rows of artifact_summaries, for Python and HTTP, which need JSON as text: it costs a page a
-- quarter less than jsonb. The snapshot holds json_document; it is computed for a live row alone.
-- artifact_summaries explains the select.

create or replace view artifact_summaries_json as
<%include file="/views/artifact_summaries.mako" args="is_text=True"/>;

comment on view artifact_summaries_json is
    'The rows of artifact_summaries, with JSON as text.';
comment on column artifact_summaries_json.tags is 'The names of its tags, in code point order.';
comment on column artifact_summaries_json.version is 'The version that was added last.';
comment on column artifact_summaries_json.collections is
    'Its collections as text, [{"id", "name", "artifact_count"}]: `default` first, then by name.';
comment on column artifact_summaries_json.json_document is
    'Its JSON in the HTTP API, without its collections.';
