-- Why artifact_summaries would read every artifact live instead of the snapshot and its changes:
-- a statement changed too many artifacts to name them; so many changes have gathered that merging
-- them would cost more; or the snapshot is not the one that our last refresh left, as the reader's
-- own snapshot knows it. A REFRESH by hand may have begun before that refresh, and would bring back
-- what has changed since; one that is not concurrent replaces the file, under older snapshots too.
-- Every REFRESH leaves its mark on the row of pg_class. The answer is exact either way.

create view snapshot_bypass as
select
    exists(select from artifact_changes as c where c.artifact_id = '') as is_outdated,
    exists(
        select
        from artifact_changes_seq_seq as s
        inner join last_refresh as r on s.last_value > r.crowded_at
    ) as is_crowded,
    not exists (
        select
        from pg_class as f
        inner join last_refresh as r on r.refreshed_by = f.xmin::text::bigint
        where
            f.oid = 'artifact_summaries_snapshot'::regclass
            and f.relfilenode = pg_relation_filenode('artifact_summaries_snapshot'::regclass)
    ) as is_replaced;

comment on view snapshot_bypass is
    'Why artifact_summaries would read every artifact live, if any of this is true.';
comment on column snapshot_bypass.is_outdated is
    'A statement has changed too many artifacts to name them.';
comment on column snapshot_bypass.is_crowded is
    'So many changes have gathered that merging them would cost more.';
comment on column snapshot_bypass.is_replaced is
    'The snapshot is not the one that the last refresh left.';
