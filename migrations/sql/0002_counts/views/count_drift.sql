-- Every count, settled plus pending, that differs from COUNT(*). Empty means healthy. With a
-- condition on counter and parent it counts the children of those parents alone.
--
-- BETWEEN means `=` here. If nearly all children have one parent, the planner expects as many of
-- every parent, and would scan the table for each. Of a range it expects few, and uses the index.

create or replace view count_drift as
select
    'collections.artifact_count' as counter,
    p.id::text as parent,
    (p.artifact_count + pending.delta)::bigint as counted,
    truth.actual
from collections as p
cross join lateral (
    select coalesce(sum(x.delta), 0) as delta
    from count_changes as x
    where x.count_key = p.artifact_count_key
) as pending
cross join lateral (
    select count(*) as actual
    from collection_artifacts as x
    where x.collection_id between p.id and p.id
) as truth
where p.artifact_count + pending.delta <> truth.actual

union all

select
    'collections.group_count' as counter,
    p.id::text as parent,
    (p.group_count + pending.delta)::bigint as counted,
    truth.actual
from collections as p
cross join lateral (
    select coalesce(sum(x.delta), 0) as delta
    from count_changes as x
    where x.count_key = p.group_count_key
) as pending
cross join lateral (
    select count(*) as actual
    from groups as x
    where x.collection_id between p.id and p.id
) as truth
where p.group_count + pending.delta <> truth.actual

union all

select
    'groups.artifact_count' as counter,
    p.id::text as parent,
    (p.artifact_count + pending.delta)::bigint as counted,
    truth.actual
from groups as p
cross join lateral (
    select coalesce(sum(x.delta), 0) as delta
    from count_changes as x
    where x.count_key = p.artifact_count_key
) as pending
cross join lateral (
    select count(*) as actual
    from group_artifacts as x
    where x.group_id between p.id and p.id
) as truth
where p.artifact_count + pending.delta <> truth.actual

union all

select
    'tags.artifact_count' as counter,
    p.id::text as parent,
    (p.artifact_count + pending.delta)::bigint as counted,
    truth.actual
from tags as p
cross join lateral (
    select coalesce(sum(x.delta), 0) as delta
    from count_changes as x
    where x.count_key = p.artifact_count_key
) as pending
cross join lateral (
    select count(*) as actual
    from artifact_tags as x
    where x.tag_id between p.id and p.id
) as truth
where p.artifact_count + pending.delta <> truth.actual

union all

select
    'artifact_types.artifact_count' as counter,
    p.type::text as parent,
    (p.artifact_count + pending.delta)::bigint as counted,
    truth.actual
from artifact_types as p
cross join lateral (
    select coalesce(sum(x.delta), 0) as delta
    from count_changes as x
    where x.count_key = p.artifact_count_key
) as pending
cross join lateral (
    select count(*) as actual
    from artifacts as x
    where x.type between p.type and p.type
) as truth
where p.artifact_count + pending.delta <> truth.actual;

comment on view count_drift is 'Every count that differs from COUNT(*); empty means healthy.';
comment on column count_drift.counter is 'The table and column that hold the count.';
comment on column count_drift.parent is 'The key of the row whose count is wrong.';
comment on column count_drift.counted is 'The count: settled plus pending.';
comment on column count_drift.actual is 'The result of COUNT(*).';
