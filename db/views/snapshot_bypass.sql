-- The reasons for which artifact_summaries reads every artifact live instead of the snapshot and
-- its changes. The answer is exact either way.
--   * A statement logged a change of everything: it changed very many rows, or renamed a tag or a
--     collection.
--   * The log holds so many changes that a live read costs less than to merge them.
--   * The snapshot is not the one that refresh_artifact_summaries() left. A REFRESH by hand may
--     have begun before that refresh, and would bring back old rows; one that is not concurrent
--     replaces the file, under older MVCC snapshots too. Every REFRESH changes the xmin of the
--     snapshot's row in pg_class.

create or replace view snapshot_bypass as
select
    exists(select from artifact_changes as c where c.artifact_id = '') as everything_changed,
    coalesce(
        (select s.last_value from artifact_changes_seq_seq as s) > r.bypass_after_seq, false
    ) as has_too_many_changes,
    not exists (
        select
        from pg_class as f
        where
            f.oid = 'artifact_summaries_snapshot'::regclass
            and f.relfilenode = pg_relation_filenode('artifact_summaries_snapshot'::regclass)
            and f.xmin::text::bigint = r.snapshot_xmin
    ) as is_replaced
-- One row, before the first refresh, too.
from (select) as one  -- noqa: ST11
left join last_refresh as r on true;

comment on view snapshot_bypass is
    'The reasons for which artifact_summaries reads every artifact live: any column that is true.';
comment on column snapshot_bypass.everything_changed is
    'A statement changed too many rows to list, or renamed a tag or a collection.';
comment on column snapshot_bypass.has_too_many_changes is
    'The log holds so many changes that a live read costs less than to merge them.';
comment on column snapshot_bypass.is_replaced is
    'The snapshot is not the one that refresh_artifact_summaries() left.';
