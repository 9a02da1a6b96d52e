-- Adds pending counts to the settled ones, as the next writer of each parent would. What stays
-- pending belongs to parents that another transaction has locked.

create or replace function settle_counts()
    returns bigint
    language plpgsql
    security definer
    set search_path from current
    set row_security = off
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
% for c in counters:
            ${"" if loop.first else "and "}not exists (
                select from ${c.parent} as p
                where p.${c.parent_key} = o.parent and p.${c.count}_key = o.count_key
            )
% endfor
        for update of o skip locked
    )

    delete from count_changes as c
    using orphans as o
    where c.count_key = o.count_key and c.seq = o.seq;

% for c in counters:
    perform settle_${c.parent}_${c.count}(array(
        select distinct c.parent from count_changes as c where c.counter = '${c.parent}.${c.count}'
    ));
% endfor

    return (select count(*) from count_changes);
end;
$$;

revoke execute on function settle_counts() from public;

comment on function settle_counts() is
    'Adds pending counts to the settled ones and returns how many are left pending.';
