-- Every artifact with its tags, version and the ids of its collections, as of the last refresh. It
-- holds no counts of collections, so no count makes a row stale. Its rows lie in the order of
-- pages, so a page reads few blocks.

create materialized view artifact_summaries_snapshot as
select * from artifact_details order by id;

create unique index artifact_summaries_snapshot_id_idx on artifact_summaries_snapshot (id);

comment on materialized view artifact_summaries_snapshot is
    'Every artifact with its tags, version and the ids of its collections, as of the last refresh.';
