<%namespace name="json" file="/triggers/json_prefix.mako"/>\
<% prefix = capture(json.json_prefix, "c").replace('\n', '\n            ') %>\
-- Logs every artifact in summary_drift as changed, and returns the ids. Given ids, it looks for
-- drift in these alone. Their summaries are read live until the next refresh. A summary drifts only
-- if the log, the snapshot or the prepared JSON of a collection was altered by hand. The JSON is
-- corrected first, because a page that reads it may raise an error.

create or replace function repair_summaries(ids text[] default null)
    returns setof text
    language plpgsql
    security definer
    set search_path from current
    set row_security = off
    -- The planner expects a long query, and the caller's session may compile it for seconds.
    set jit = off
as $$
begin
    return query
        with corrected as (
            update collections as c
            set json_prefix = ${prefix}
            where c.json_prefix <> ${prefix}
            returning c.id
        )

        insert into artifact_changes (artifact_id)
        select distinct m.artifact_id
        from corrected as c
        inner join collection_artifacts as m on m.collection_id = c.id
        where ids is null or m.artifact_id = any (ids)
        returning artifact_id;

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
    'Logs every summary that drifts, or those of the given ids, as changed and returns the ids.';
