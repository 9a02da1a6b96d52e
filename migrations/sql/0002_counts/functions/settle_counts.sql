-- Adds pending counts to the settled ones, as the next writer of each parent would: an empty change
-- is appended for every parent that has one pending, and the trigger settles it here and now.

create or replace function settle_counts()
    returns bigint
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        raise invalid_transaction_state using
            message = 'settle_counts() needs READ COMMITTED',
            hint = 'Call it in a transaction of its own.';
    end if;

    -- On a logical subscriber they are the publisher's to settle: its next edit of the row brings the
    -- count that it has there.
    if exists (select from pg_subscription_rel as s where s.srrelid = 'count_changes'::regclass) then
        return (select count(*) from count_changes);
    end if;

    -- Orphans: changes of parents that are gone or were renamed, but for those that another call is
    -- removing.
    with orphans as (
        select o.count_key, o.seq
        from count_changes as o
        where
            not exists (
                select from collections as p
                where p.id = o.parent and p.artifact_count_key = o.count_key
            )
            and not exists (
                select from collections as p
                where p.id = o.parent and p.group_count_key = o.count_key
            )
            and not exists (
                select from groups as p
                where p.id = o.parent and p.artifact_count_key = o.count_key
            )
            and not exists (
                select from tags as p
                where p.id = o.parent and p.artifact_count_key = o.count_key
            )
            and not exists (
                select from artifact_types as p
                where p.type = o.parent and p.artifact_count_key = o.count_key
            )
        for update of o skip locked
    )

    delete from count_changes as c
    using orphans as o
    where c.count_key = o.count_key and c.seq = o.seq;

    insert into count_changes (counter, parent, count_key, delta)
    select counter, parent, count_key, 0 from count_changes group by counter, parent, count_key;

    set constraints count_changes_settle immediate;
    set constraints count_changes_settle deferred;

    -- What is left belongs to parents that another transaction holds.
    delete from count_changes as c where c.delta = 0;

    return (select count(*) from count_changes);
end;
$$;

revoke execute on function settle_counts() from public;

comment on function settle_counts() is
    'Adds pending counts to the settled ones and returns how many are left pending.';
