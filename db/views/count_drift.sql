-- Every count that differs from COUNT(*), settled and pending together. Empty means healthy.

create view count_drift as
% for c in counters:
select
    '${c.parent}.${c.count}' as counter,
    p.${c.parent_key} as parent,
    (p.${c.count} + coalesce(pending.delta, 0))::bigint as counted,
    coalesce(truth.actual, 0) as actual
from ${c.parent} as p
left join (
    select count_key, sum(delta) as delta from count_changes group by count_key
) as pending on pending.count_key = p.${c.count}_key
left join (
    select
        ${c.child_key} as parent,
        count(*) as actual
    from ${c.child}
    group by ${c.child_key}
) as truth on truth.parent = p.${c.parent_key}
where p.${c.count} + coalesce(pending.delta, 0) <> coalesce(truth.actual, 0)${";" if loop.last else ""}
% if not loop.last:

union all

% endif
% endfor

comment on view count_drift is 'Every count that differs from COUNT(*); empty means healthy.';
comment on column count_drift.counter is 'The table and column that hold the count.';
comment on column count_drift.parent is 'The key of the row that is counted wrong.';
comment on column count_drift.counted is 'What the count says: settled plus pending.';
comment on column count_drift.actual is 'What COUNT(*) says.';
