-- Every count that differs from COUNT(*), settled and pending together. Empty means healthy.

create view count_drift as
select
    'collections.artifact_count' as counter,
    p.id as parent,
    (p.artifact_count + coalesce(pending.delta, 0))::bigint as counted,
    coalesce(truth.actual, 0) as actual
from collections as p
left join (
    select count_key, sum(delta) as delta from count_changes group by count_key
) as pending on pending.count_key = p.artifact_count_key
left join (
    select
        collection_id as parent,
        count(*) as actual
    from collection_artifacts
    group by collection_id
) as truth on truth.parent = p.id
where p.artifact_count + coalesce(pending.delta, 0) <> coalesce(truth.actual, 0)

union all

select
    'collections.group_count' as counter,
    p.id as parent,
    (p.group_count + coalesce(pending.delta, 0))::bigint as counted,
    coalesce(truth.actual, 0) as actual
from collections as p
left join (
    select count_key, sum(delta) as delta from count_changes group by count_key
) as pending on pending.count_key = p.group_count_key
left join (
    select
        collection_id as parent,
        count(*) as actual
    from groups
    group by collection_id
) as truth on truth.parent = p.id
where p.group_count + coalesce(pending.delta, 0) <> coalesce(truth.actual, 0)

union all

select
    'groups.artifact_count' as counter,
    p.id as parent,
    (p.artifact_count + coalesce(pending.delta, 0))::bigint as counted,
    coalesce(truth.actual, 0) as actual
from groups as p
left join (
    select count_key, sum(delta) as delta from count_changes group by count_key
) as pending on pending.count_key = p.artifact_count_key
left join (
    select
        group_id as parent,
        count(*) as actual
    from group_artifacts
    group by group_id
) as truth on truth.parent = p.id
where p.artifact_count + coalesce(pending.delta, 0) <> coalesce(truth.actual, 0)

union all

select
    'tags.artifact_count' as counter,
    p.id as parent,
    (p.artifact_count + coalesce(pending.delta, 0))::bigint as counted,
    coalesce(truth.actual, 0) as actual
from tags as p
left join (
    select count_key, sum(delta) as delta from count_changes group by count_key
) as pending on pending.count_key = p.artifact_count_key
left join (
    select
        tag_id as parent,
        count(*) as actual
    from artifact_tags
    group by tag_id
) as truth on truth.parent = p.id
where p.artifact_count + coalesce(pending.delta, 0) <> coalesce(truth.actual, 0)

union all

select
    'artifact_types.artifact_count' as counter,
    p.type as parent,
    (p.artifact_count + coalesce(pending.delta, 0))::bigint as counted,
    coalesce(truth.actual, 0) as actual
from artifact_types as p
left join (
    select count_key, sum(delta) as delta from count_changes group by count_key
) as pending on pending.count_key = p.artifact_count_key
left join (
    select
        type as parent,
        count(*) as actual
    from artifacts
    group by type
) as truth on truth.parent = p.type
where p.artifact_count + coalesce(pending.delta, 0) <> coalesce(truth.actual, 0);

comment on view count_drift is 'Every count that differs from COUNT(*); empty means healthy.';
comment on column count_drift.counter is 'The table and column that hold the count.';
comment on column count_drift.parent is 'The key of the row that is counted wrong.';
comment on column count_drift.counted is 'What the count says: settled plus pending.';
comment on column count_drift.actual is 'What COUNT(*) says.';
