-- Settles ${parent}.${count} of many parents: adds their pending changes to the count and
-- deletes them, as count_changes_settle() does for one parent. It waits for no table lock, and for
-- no other session that settles. It skips a parent that another transaction has locked.

create or replace function settle_${parent}_${count}(parents text[])
    returns void
    language plpgsql
    security definer
    set search_path from current
    set row_security = off
    -- The planner expects a few parents. With tens of thousands a nested loop would be quadratic.
    set enable_nestloop = off
as $$
declare
    slots integer[];
begin
    begin
        lock table ${parent} in row exclusive mode nowait;
    exception
        when lock_not_available then
            return;
    end;

    slots := array(
        select s.slot
        from (
            select distinct (p.${count}_key & 63)::integer as slot
            from unnest(parents) as u (parent)
            inner join ${parent} as p on p.${parent_key} = u.parent
            offset 0
        ) as s
        where pg_try_advisory_xact_lock('count_changes'::regclass::oid::integer, s.slot)
    );

    with locked as materialized (
        select p.${parent_key} as parent, p.${count}_key as count_key
        from unnest(parents) as u (parent)
        inner join ${parent} as p on p.${parent_key} = u.parent
        where (p.${count}_key & 63)::integer = any (slots)
        for no key update of p skip locked
    ),

    settled as (
        delete from count_changes as c
        using locked as l
        where c.count_key = l.count_key
        returning l.parent, c.delta
    )

    update ${parent} as p
    set ${count} = greatest(p.${count} + s.delta, 0)
    from (select t.parent, sum(t.delta) as delta from settled as t group by t.parent) as s
    where p.${parent_key} = s.parent;
end;
$$;

revoke execute on function settle_${parent}_${count}(text[]) from public;

comment on function settle_${parent}_${count}(text[]) is
    'Adds the pending changes of the given parents to ${parent}.${count}.';
