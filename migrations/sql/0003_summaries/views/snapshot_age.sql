-- An upper bound of the snapshot's age: the age of the oldest change that it lacks. With a hundred
-- changes or more, it is the time since the last refresh.

create or replace view snapshot_age as
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
        min(first_changes.changed_at) as oldest
    from (
        select c.changed_at
        from artifact_changes as c
        where c.artifact_id >= ''
        order by c.artifact_id
        limit 100
    ) as first_changes
) as pending
left join last_refresh as r on true;

comment on view snapshot_age is 'An upper bound of the snapshot''s age.';
comment on column snapshot_age.age is
    'Every change that was committed longer ago is in the snapshot.';
