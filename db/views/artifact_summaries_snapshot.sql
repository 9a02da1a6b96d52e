<%namespace name="json" file="/views/artifact_json.mako"/>\
-- Every artifact with its tags, version and the ids of its collections, as of the last refresh. It
-- holds no counts of collections, so no count makes a row stale. Its rows lie in the order of
-- pages, so a page reads few blocks. The JSON of an artifact is made once for each refresh, not for
-- each page: it changes only with its row.

create materialized view artifact_summaries_snapshot as
select
    s.*,
    ${json.document()} as json_document
from (select * from artifact_details order by id) as s;

create unique index artifact_summaries_snapshot_id_idx on artifact_summaries_snapshot (id);

comment on materialized view artifact_summaries_snapshot is
    'Every artifact with its tags, version and the ids of its collections, as of the last refresh.';
comment on column artifact_summaries_snapshot.json_document is
    'Its JSON in the HTTP API, without its collections.';
