-- How far the snapshot is behind and what the last refresh did, for whoever decides when to
-- refresh. Changes are counted up to a limit, so that asking costs little however many there are.

create function refresh_status(
    out changes bigint,
    out oldest_change timestamptz,
    out everything_changed boolean,
    out is_populated boolean,
    out is_indexed boolean,
    out refreshed_at timestamptz,
    out refresh_seconds double precision,
    out absorbed bigint
)
    language sql
    stable
    security definer
    set search_path from current
as $$
    select
        pending.changes,
        pending.oldest_change,
        coalesce(pending.everything_changed, false),
        c.relispopulated,
        exists (
            select
            from pg_index as i
            where
                i.indrelid = c.oid
                and i.indisunique
                and i.indisvalid
                and i.indpred is null
                and i.indnkeyatts = 1
                and i.indkey[0] = 1
        ),
        r.started_at,
        extract(epoch from r.finished_at - r.started_at),
        r.changes
    from pg_class as c
    cross join (
        select
            count(*) as changes,
            min(changed_at) as oldest_change,
            bool_or(artifact_id = '') as everything_changed
        from (select artifact_id, changed_at from artifact_changes limit 100000) as known
    ) as pending
    left join last_refresh as r on true
    where c.oid = 'artifact_summaries_snapshot'::regclass;
$$;

revoke execute on function refresh_status() from public;

comment on function refresh_status() is
    'How far the snapshot is behind, and what the last refresh did.';
