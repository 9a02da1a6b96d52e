-- Recounts every count in count_drift, or the given counts, and returns the wrong ones. The
-- parents' rows stay locked until the transaction ends: in a large catalogue pass a few parents at
-- a time.

create or replace function repair_counts(counter text default null, parents text[] default null)
    returns setof count_drift
    language plpgsql
    security definer
    set search_path from current
    set row_security = off
    -- The planner expects a long query, and the caller's session may compile it for seconds.
    set jit = off
as $$
begin
    if counter not in (
        'collections.artifact_count',
        'collections.group_count',
        'groups.artifact_count',
        'tags.artifact_count',
        'artifact_types.artifact_count'
    ) then
        raise invalid_parameter_value using
            message = format('there is no counter %L', counter),
            hint = 'It is one of collections.artifact_count, collections.group_count, groups.artifact_count, tags.artifact_count, artifact_types.artifact_count.';
    end if;

    if coalesce(counter = 'collections.artifact_count', true) then
        return query select * from recount_collections_artifact_count(coalesce(parents, array(
            select d.parent from count_drift as d where d.counter = 'collections.artifact_count'
        )));
    end if;
    if coalesce(counter = 'collections.group_count', true) then
        return query select * from recount_collections_group_count(coalesce(parents, array(
            select d.parent from count_drift as d where d.counter = 'collections.group_count'
        )));
    end if;
    if coalesce(counter = 'groups.artifact_count', true) then
        return query select * from recount_groups_artifact_count(coalesce(parents, array(
            select d.parent from count_drift as d where d.counter = 'groups.artifact_count'
        )));
    end if;
    if coalesce(counter = 'tags.artifact_count', true) then
        return query select * from recount_tags_artifact_count(coalesce(parents, array(
            select d.parent from count_drift as d where d.counter = 'tags.artifact_count'
        )));
    end if;
    if coalesce(counter = 'artifact_types.artifact_count', true) then
        return query select * from recount_artifact_types_artifact_count(coalesce(parents, array(
            select d.parent from count_drift as d where d.counter = 'artifact_types.artifact_count'
        )));
    end if;
end;
$$;

revoke execute on function repair_counts(text, text[]) from public;

comment on function repair_counts(text, text[]) is
    'Recounts every count that drifts, or the given counts, and returns the wrong ones.';
