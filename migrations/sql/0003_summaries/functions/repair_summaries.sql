-- Notes every artifact whose summary drifts, of all or of those that are named, as changed: it is
-- read live until the next refresh. Returns its id. Nothing drifts unless the log or the snapshot
-- was tampered with.

create function repair_summaries(ids text[] default null)
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
    'Has every artifact whose summary drifts, of all or of some, read live, and returns its id.';
