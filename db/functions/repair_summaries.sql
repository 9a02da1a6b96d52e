-- Notes every artifact whose summary drifts as changed, so that it is read live until the next
-- refresh, and returns its id. Nothing drifts unless the log or the snapshot was tampered with.

create function repair_summaries()
    returns setof text
    language sql
    security definer
    set search_path from current
as $$
    insert into artifact_changes (artifact_id)
    select distinct d.id from summary_drift as d
    returning artifact_id;
$$;

revoke execute on function repair_summaries() from public;

comment on function repair_summaries() is
    'Has every artifact whose summary drifts read live, and returns its id.';
