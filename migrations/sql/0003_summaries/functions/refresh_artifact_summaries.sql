-- Refreshes the snapshot and forgets the changes that it has absorbed. Readers and writers go on:
-- the refresh waits for no one of them, nor they for it.

create or replace function refresh_artifact_summaries()
    returns bigint
    language plpgsql
    security definer
    set search_path from current
as $$
declare
    started timestamptz := clock_timestamp();
    patience constant text := current_setting('lock_timeout');
    position bigint;
    absorbed bigint;
    crowded bigint;
    is_populated boolean;
    is_indexed boolean;
    is_ours boolean;
begin
    if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        raise invalid_transaction_state using
            message = 'refresh_artifact_summaries() needs READ COMMITTED',
            hint = 'Call it in a transaction of its own.';
    end if;

    if not pg_try_advisory_xact_lock(hashtextextended('refresh ' || current_schema(), 0)) then
        return null;
    end if;

    perform widen_logs();

    -- First the changes, then the snapshot: what is forgotten here is visible to the statement that
    -- refreshes, whose snapshot is newer.
    select s.last_value into position from artifact_changes_seq_seq as s;
    delete from artifact_changes;
    get diagnostics absorbed = row_count;
    crowded := position
        + greatest(1000, (select sum(t.artifact_count) / 8 from artifact_types as t));

    select
        s.ispopulated,
        exists (
            select
            from pg_index as i
            where
                i.indrelid = 'artifact_summaries_snapshot'::regclass
                and i.indisunique
                and i.indisvalid
                and i.indpred is null
                and i.indnkeyatts = 1
                and i.indkey[0] = 1
        ),
        exists (
            select
            from pg_class as f
            inner join last_refresh as r on r.refreshed_by = f.xmin::text::bigint
            where f.oid = 'artifact_summaries_snapshot'::regclass
        )
    into is_populated, is_indexed, is_ours
    from pg_matviews as s
    where s.schemaname = current_schema() and s.matviewname = 'artifact_summaries_snapshot';

    if not is_indexed then
        -- One of this name is no good: a failed CREATE INDEX CONCURRENTLY leaves it invalid. Its
        -- removal waits for open readers, with new ones behind it: not for long.
        perform set_config('lock_timeout', '100ms', true);
        begin
            drop index if exists artifact_summaries_snapshot_id_idx;
        exception
            when lock_not_available then
                raise lock_not_available using
                    message = 'readers keep the unfit artifact_summaries_snapshot_id_idx in place',
                    hint = 'Run DROP INDEX CONCURRENTLY artifact_summaries_snapshot_id_idx.';
        end;
        perform set_config('lock_timeout', patience, true);
        create unique index artifact_summaries_snapshot_id_idx on artifact_summaries_snapshot (id);
    end if;

    if not is_populated then
        refresh materialized view artifact_summaries_snapshot;
    elsif absorbed > 0 or not is_ours then
        refresh materialized view concurrently artifact_summaries_snapshot;
    else
        -- Changes that rolled back were counted too: nothing has gathered after all.
        update last_refresh set crowded_at = crowded where crowded_at < position;
        return 0;
    end if;

    insert into last_refresh (started_at, finished_at, changes, crowded_at, refreshed_by)
    select started, clock_timestamp(), absorbed, crowded, f.xmin::text::bigint
    from pg_class as f
    where f.oid = 'artifact_summaries_snapshot'::regclass
    on conflict (is_last) do update
    set
        started_at = excluded.started_at,
        finished_at = excluded.finished_at,
        changes = excluded.changes,
        crowded_at = excluded.crowded_at,
        refreshed_by = excluded.refreshed_by;

    return absorbed;
end;
$$;

revoke execute on function refresh_artifact_summaries() from public;

comment on function refresh_artifact_summaries() is
    'Refreshes the snapshot and returns how many changes it absorbed: null while another does.';
