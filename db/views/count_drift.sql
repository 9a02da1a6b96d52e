-- Every count, settled plus pending, that differs from COUNT(*). Empty means healthy. With a
-- condition on counter and parent it counts the children of those parents alone.
--
-- BETWEEN means `=` here. If nearly all children have one parent, the planner expects as many of
-- every parent, and would scan the table for each. Of a range it expects few, and uses the index.

create or replace view count_drift as
% for c in counters:
select
    '${c.parent}.${c.count}' as counter,
    p.${c.parent_key}::text as parent,
    (p.${c.count} + pending.delta)::bigint as counted,
    truth.actual
from ${c.parent} as p
cross join lateral (
    select coalesce(sum(x.delta), 0) as delta
    from count_changes as x
    where x.count_key = p.${c.count}_key
) as pending
cross join lateral (
    select count(*) as actual
    from ${c.child} as x
    where x.${c.child_key} between p.${c.parent_key} and p.${c.parent_key}
) as truth
where p.${c.count} + pending.delta <> truth.actual${";" if loop.last else ""}
% if not loop.last:

union all

% endif
% endfor

comment on view count_drift is 'Every count that differs from COUNT(*); empty means healthy.';
comment on column count_drift.counter is 'The table and column that hold the count.';
comment on column count_drift.parent is 'The key of the row whose count is wrong.';
comment on column count_drift.counted is 'The count: settled plus pending.';
comment on column count_drift.actual is 'The result of COUNT(*).';
