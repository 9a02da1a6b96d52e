<%namespace name="index" file="/functions/is_indexed.mako"/>\
-- Returns how far the snapshot is behind, and the figures of the last refresh. The refresher
-- uses it to decide when to refresh. It counts at most 100,000 changes, which bounds its cost.

create or replace function refresh_status(
    out changes bigint,
    out oldest_seconds double precision,
    out everything_changed boolean,
    out has_too_many_changes boolean,
    out is_populated boolean,
    out is_indexed boolean,
    out is_replaced boolean,
    out refreshed_at timestamptz,
    out refresh_seconds double precision,
    out absorbed bigint,
    out rest_seconds double precision
)
    language sql
    stable
    security definer
    set search_path from current
as $$
    select
        pending.changes,
        extract(epoch from clock_timestamp() - pending.oldest_change),
        exists (select from artifact_changes as c where c.artifact_id = ''),
        coalesce(s.last_value > r.bypass_after_seq, false),
        f.relispopulated,
        ${index.is_indexed("f.oid")},
        r.snapshot_xmin is distinct from f.xmin::text::bigint,
        r.started_at,
        extract(epoch from r.finished_at - r.started_at),
        r.changes,
        extract(epoch from clock_timestamp() - r.finished_at)
    from pg_class as f
    cross join artifact_changes_seq_seq as s
    cross join (
        select
            count(*) as changes,
            min(changed_at) as oldest_change
        from (select changed_at from artifact_changes limit 100000) as counted
    ) as pending
    left join last_refresh as r on true
    where f.oid = 'artifact_summaries_snapshot'::regclass;
$$;

revoke execute on function refresh_status() from public;

comment on function refresh_status() is
    'Returns how far the snapshot is behind, and the figures of the last refresh.';
