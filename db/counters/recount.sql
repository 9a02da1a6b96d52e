-- Recounts ${parent}.${count} while writers keep writing.
--
-- The function locks the parent's row first, so no other transaction settles the count. One later
-- statement then reads the rows and the pending changes in the same snapshot. A change that
-- commits after that stays pending.

create or replace function recount_${parent}_${count}(parents text[])
    returns setof count_drift
    language plpgsql
    security definer
    set search_path from current
    set row_security = off
as $$
declare
    parent_id text;
    repaired count_drift;
begin
    -- Lock in key order, as every statement that locks several parents does: this prevents a
    -- deadlock.
    for parent_id in select unnest(parents) order by 1 loop
        perform from ${parent} as p where p.${parent_key} = parent_id for no key update;

        with truth as (
            select count(*) as actual from ${child} as c where c.${child_key} = parent_id
        ),

        pending as (
            delete from count_changes as c
            using ${parent} as p
            where p.${parent_key} = parent_id and c.count_key = p.${count}_key
            returning c.delta
        ),

        recounted as (
            update ${parent} as p
            set ${count} = t.actual
            from truth as t
            where p.${parent_key} = parent_id and p.${count} <> t.actual
        )

        select
            '${parent}.${count}',
            p.${parent_key},
            p.${count} + (select coalesce(sum(d.delta), 0) from pending as d),
            t.actual
        into repaired
        from ${parent} as p
        cross join truth as t
        where p.${parent_key} = parent_id;

        if repaired.counted <> repaired.actual then
            return next repaired;
        end if;
    end loop;
end;
$$;

revoke execute on function recount_${parent}_${count}(text[]) from public;

comment on function recount_${parent}_${count}(text[]) is
    'Sets ${parent}.${count} to COUNT(*) and returns every count that was wrong.';
