-- How old the snapshot may be, at most: as old as the oldest change that is not in it. Up to a
-- hundred changes are asked for their age; where there are more, it is the time since the last
-- refresh.

create view snapshot_age as
select
    case
        when pending.changes = 0 then interval '0'
        when pending.changes < 100 then clock_timestamp() - pending.oldest
        else clock_timestamp() - coalesce(
            r.started_at, (select min(c.changed_at) from artifact_changes as c)
        )
    end as age
from (
    select
        count(*) as changes,
        min(few.changed_at) as oldest
    from (
        select c.changed_at
        from artifact_changes as c
        where c.artifact_id >= ''
        order by c.artifact_id
        limit 100
    ) as few
) as pending
left join last_refresh as r on true;

comment on view snapshot_age is 'How old the snapshot may be, at most.';
comment on column snapshot_age.age is
    'What was committed longer ago is in the snapshot, or there is no such change.';
