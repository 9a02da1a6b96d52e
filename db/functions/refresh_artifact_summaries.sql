<%namespace name="index" file="/functions/is_indexed.mako"/>\
-- Deletes the logged changes and refreshes the snapshot, which then contains them. Readers and
-- writers do not wait for a refresh, and a refresh does not wait for them.

create or replace function refresh_artifact_summaries()
    returns bigint
    language plpgsql
    security definer
    set search_path from current
    set row_security = off
    -- The caller's session may compile the query of the snapshot, for seconds.
    set jit = off
    -- With it, REFRESH … CONCURRENTLY writes the names of its temporary tables wrongly.
    set quote_all_identifiers = off
as $$
declare
    started_at constant timestamptz := clock_timestamp();
    caller_lock_timeout constant text := current_setting('lock_timeout');
    last_seq bigint;
    absorbed bigint;
    new_bypass_after_seq bigint;
    is_populated boolean;
    is_indexed boolean;
    is_replaced boolean;
begin
    if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        raise invalid_transaction_state using
            message = 'refresh_artifact_summaries() needs READ COMMITTED',
            hint = 'Call it in a transaction of its own.';
    end if;

    if not pg_try_advisory_xact_lock(hashtextextended('refresh ' || current_schema(), 0)) then
        return null;
    end if;

    perform preallocate_log_pages();

    -- Delete before refreshing: the refresh has a newer MVCC snapshot, which shows every change
    -- that is deleted here.
    select s.last_value into last_seq from artifact_changes_seq_seq as s;
    delete from artifact_changes;
    get diagnostics absorbed = row_count;
    new_bypass_after_seq := last_seq
        + greatest(1000, (select sum(t.artifact_count) / 8 from artifact_types as t));

    select
        s.ispopulated,
        ${index.is_indexed("'artifact_summaries_snapshot'::regclass")},
        not exists (
            select
            from pg_class as f
            inner join last_refresh as r on r.snapshot_xmin = f.xmin::text::bigint
            where f.oid = 'artifact_summaries_snapshot'::regclass
        )
    into is_populated, is_indexed, is_replaced
    from pg_matviews as s
    where s.schemaname = current_schema() and s.matviewname = 'artifact_summaries_snapshot';

    if not is_indexed then
        -- A failed CREATE INDEX CONCURRENTLY leaves an invalid index of this name. DROP INDEX
        -- waits for open readers, and new readers queue behind it: the timeout bounds that.
        perform set_config('lock_timeout', '100ms', true);
        begin
            drop index if exists artifact_summaries_snapshot_id_idx;
        exception
            when lock_not_available then
                raise lock_not_available using
                    message = 'open readers block DROP INDEX artifact_summaries_snapshot_id_idx',
                    hint = 'Run DROP INDEX CONCURRENTLY artifact_summaries_snapshot_id_idx.';
        end;
        perform set_config('lock_timeout', caller_lock_timeout, true);
        create unique index artifact_summaries_snapshot_id_idx on artifact_summaries_snapshot (id);
    end if;

    if not is_populated then
        refresh materialized view artifact_summaries_snapshot;
    elsif absorbed > 0 or is_replaced then
        refresh materialized view concurrently artifact_summaries_snapshot;
    else
        -- Changes that rolled back used up numbers, too: move the limit ahead of them.
        update last_refresh
        set bypass_after_seq = new_bypass_after_seq
        where bypass_after_seq < last_seq;
        return 0;
    end if;

    perform analyze_grown_tables();

    insert into last_refresh (started_at, finished_at, changes, bypass_after_seq, snapshot_xmin)
    select started_at, clock_timestamp(), absorbed, new_bypass_after_seq, f.xmin::text::bigint
    from pg_class as f
    where f.oid = 'artifact_summaries_snapshot'::regclass
    on conflict (is_only_row) do update
    set
        started_at = excluded.started_at,
        finished_at = excluded.finished_at,
        changes = excluded.changes,
        bypass_after_seq = excluded.bypass_after_seq,
        snapshot_xmin = excluded.snapshot_xmin;

    return absorbed;
end;
$$;

revoke execute on function refresh_artifact_summaries() from public;

comment on function refresh_artifact_summaries() is
    'Refreshes the snapshot; returns how many changes it absorbed, null if a refresh is running.';
