-- Recounts every count that drifts, and returns what it mended.

create function repair_counts()
    returns setof count_drift
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    return query select * from recount_collections_artifact_count(array(
        select d.parent from count_drift as d where d.counter = 'collections.artifact_count'
    ));
    return query select * from recount_collections_group_count(array(
        select d.parent from count_drift as d where d.counter = 'collections.group_count'
    ));
    return query select * from recount_groups_artifact_count(array(
        select d.parent from count_drift as d where d.counter = 'groups.artifact_count'
    ));
    return query select * from recount_tags_artifact_count(array(
        select d.parent from count_drift as d where d.counter = 'tags.artifact_count'
    ));
    return query select * from recount_artifact_types_artifact_count(array(
        select d.parent from count_drift as d where d.counter = 'artifact_types.artifact_count'
    ));
end;
$$;

revoke execute on function repair_counts() from public;

comment on function repair_counts() is
    'Recounts every count that drifts, under concurrent writers, and returns what it mended.';
