-- Every artifact with its tags, version and the ids of its collections, as of the last refresh.
-- Names and counts of collections are not in it: no rename and no count makes a row of it stale.

create materialized view artifact_summaries_snapshot as
select * from artifact_details;

create unique index artifact_summaries_snapshot_id_idx on artifact_summaries_snapshot (id);

comment on materialized view artifact_summaries_snapshot is
    'Every artifact with its tags, version and collections, as of the last refresh.';
