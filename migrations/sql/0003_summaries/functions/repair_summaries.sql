-- Logs as changed every artifact in summary_drift, or those of the given ids that drift, and
-- returns their ids. Their summaries are read live until the next refresh. A summary drifts only
-- if the log or the snapshot was altered by hand.

create or replace function repair_summaries(ids text[] default null)
    returns setof text
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    if ids is null then
        return query
            insert into artifact_changes (artifact_id)
            select distinct d.id from summary_drift as d
            returning artifact_id;
    else
        return query
            insert into artifact_changes (artifact_id)
            select distinct d.id from summary_drift_of(ids) as d
            returning artifact_id;
    end if;
end;
$$;

revoke execute on function repair_summaries(text[]) from public;

comment on function repair_summaries(text[]) is
    'Has every summary that drifts, of all or of the given ids, read live, and returns its id.';
