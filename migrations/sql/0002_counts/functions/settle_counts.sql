-- Adds pending counts to the settled ones, as the next writer of each parent would. It appends a
-- delta of zero for every parent that has a pending change, and makes the deferred trigger fire at
-- once.

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

    -- On a logical subscriber the publisher settles: its UPDATE of the parent's row replaces the
    -- count of the row here.
    if exists (select from pg_subscription_rel as s where s.srrelid = 'count_changes'::regclass) then
        return (select count(*) from count_changes);
    end if;

    -- Delete the changes of parents that were deleted or renamed. SKIP LOCKED skips those that a
    -- concurrent call deletes.
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

    -- What is left belongs to parents that another transaction has locked.
    delete from count_changes as c where c.delta = 0;

    return (select count(*) from count_changes);
end;
$$;

revoke execute on function settle_counts() from public;

comment on function settle_counts() is
    'Adds pending counts to the settled ones and returns how many are left pending.';
